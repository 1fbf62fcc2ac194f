import { useMutation } from '@tanstack/react-query'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { rotateWebhookSecret } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorState } from '../ui/States.tsx'
import type { Webhook, WebhookWithSecret } from './webhook-queries.ts'

interface RotateSecretDialogProps {
  readonly webhook: Webhook
  readonly onClose: () => void
  readonly onRotated: (webhook: WebhookWithSecret) => void
}

/** A new signing secret; the old one signs beside it for a day. */
export function RotateSecretDialog({ webhook, onClose, onRotated }: RotateSecretDialogProps) {
  const environment = useEnvironment()
  const rotate = useMutation({
    mutationFn: () => call(rotateWebhookSecret, { params: { id: webhook.id } }, { environment }),
    onSuccess: onRotated,
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Rotate the signing secret"
      description="You get a new secret. For 24 hours both sign each event, so a receiver with either of them accepts it; then the old one ends."
    >
      {webhook.oldSecretUntil !== null && (
        <p className="mb-4">
          A rotation is under way already: the secret before the present one ends now, not in 24 hours.
        </p>
      )}
      {rotate.error instanceof ApiProblem && (
        <ErrorState message={rotate.error.message} requestId={rotate.error.requestId} />
      )}
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" isBusy={rotate.isPending} onClick={() => rotate.mutate()}>
          Rotate the secret
        </Button>
      </div>
    </Dialog>
  )
}
