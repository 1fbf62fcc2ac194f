import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { deleteWebhook } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { TextField } from '../ui/Field.tsx'
import { ErrorState } from '../ui/States.tsx'
import { useToast } from '../ui/Toasts.tsx'
import type { Webhook } from './webhook-queries.ts'

interface DeleteWebhookDialogProps {
  readonly webhook: Webhook
  readonly onClose: () => void
  readonly onDeleted: () => void
}

/** Deletes an endpoint for good. In Production only after its host was typed. */
export function DeleteWebhookDialog({ webhook, onClose, onDeleted }: DeleteWebhookDialogProps) {
  const environment = useEnvironment()
  const say = useToast()
  const [typed, setTyped] = useState('')
  const host = URL.parse(webhook.url)?.host ?? webhook.url
  const remove = useMutation({
    mutationFn: () => call(deleteWebhook, { params: { id: webhook.id } }, { environment }),
    onSuccess: () => {
      say(`The endpoint at ${host} was deleted.`)
      onDeleted()
    },
  })
  const isProduction = environment === 'production'
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Delete the endpoint at ${host}`}
      description="Nothing is sent there any more. Its secret and its deliveries are gone, and it cannot be brought back."
    >
      <div className="grid gap-4">
        {isProduction && (
          <TextField
            label={`Type the host, ${host}, to confirm`}
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
            autoComplete="off"
          />
        )}
        {remove.error instanceof ApiProblem && (
          <ErrorState message={remove.error.message} requestId={remove.error.requestId} />
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="danger"
            disabledReason={isProduction && typed !== host ? `Type ${host} first` : undefined}
            isBusy={remove.isPending}
            onClick={() => remove.mutate()}
          >
            Delete for good
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
