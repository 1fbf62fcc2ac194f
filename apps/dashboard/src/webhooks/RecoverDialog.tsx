import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { recoverWebhook } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorState } from '../ui/States.tsx'
import { useToast } from '../ui/Toasts.tsx'
import { SinceField } from './SinceField.tsx'
import type { Webhook } from './webhook-queries.ts'
import { recoverySince } from './webhook-state.ts'

interface RecoverDialogProps {
  readonly webhook: Webhook
  readonly onClose: () => void
  readonly onChanged: () => void
}

/** Sends every event again that failed since an instant. */
export function RecoverDialog({ webhook, onClose, onChanged }: RecoverDialogProps) {
  const environment = useEnvironment()
  const say = useToast()
  const [since, setSince] = useState(() => recoverySince(webhook, Date.now()))
  const recover = useMutation({
    mutationFn: () => call(recoverWebhook, { params: { id: webhook.id }, body: { since } }, { environment }),
    onSuccess: ({ count }) => {
      say(count === 0 ? 'Nothing has failed since then.' : `${count} events are sent again, in order.`)
      onChanged()
      onClose()
    },
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Send failures again"
      description="Every event that failed since then is sent again under its old id, one after the other. What arrived is left alone."
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          recover.mutate()
        }}
      >
        <SinceField value={since} onChange={setSince} />
        {recover.error instanceof ApiProblem && (
          <ErrorState message={recover.error.message} requestId={recover.error.requestId} />
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            isBusy={recover.isPending}
            disabledReason={webhook.active ? undefined : 'Enable the endpoint first'}
          >
            Send again
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
