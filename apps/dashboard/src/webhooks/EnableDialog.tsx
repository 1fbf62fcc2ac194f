import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { recoverWebhook, updateWebhook } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorState } from '../ui/States.tsx'
import { useToast } from '../ui/Toasts.tsx'
import { SinceField } from './SinceField.tsx'
import type { Webhook } from './webhook-queries.ts'
import { recoverySince } from './webhook-state.ts'

interface EnableDialogProps {
  readonly webhook: Webhook
  readonly onClose: () => void
  readonly onChanged: () => void
}

/** Enables an endpoint again, and on demand sends again what was given up. */
export function EnableDialog({ webhook, onClose, onChanged }: EnableDialogProps) {
  const environment = useEnvironment()
  const say = useToast()
  const [isRecovering, setRecovering] = useState(webhook.disabledReason !== null)
  const [since, setSince] = useState(() => recoverySince(webhook, Date.now()))
  const enable = useMutation({
    mutationFn: async () => {
      const params = { id: webhook.id }
      await call(updateWebhook, { params, body: { active: true } }, { environment })
      return isRecovering
        ? await call(recoverWebhook, { params, body: { since } }, { environment })
        : { count: 0 }
    },
    onSuccess: ({ count }) => {
      say(
        count === 0
          ? 'The endpoint is enabled and goes on where it stopped.'
          : `The endpoint is enabled. ${count} events that had failed are sent again, in order.`,
      )
      onClose()
    },
    onSettled: onChanged,
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Enable the endpoint again"
      description="It goes on in the log where it stopped, so nothing of the time between is missing."
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          enable.mutate()
        }}
      >
        <label className="flex min-h-8 items-center gap-2">
          <input
            type="checkbox"
            checked={isRecovering}
            onChange={({ target }) => setRecovering(target.checked)}
          />
          Also send again what had failed before
        </label>
        {isRecovering && <SinceField value={since} onChange={setSince} />}
        {enable.error instanceof ApiProblem && (
          <ErrorState message={enable.error.message} requestId={enable.error.requestId} />
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={enable.isPending}>
            Enable
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
