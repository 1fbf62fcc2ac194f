import { useMutation } from '@tanstack/react-query'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { updateWebhook } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorState } from '../ui/States.tsx'
import { useToast } from '../ui/Toasts.tsx'
import type { Webhook } from './webhook-queries.ts'

interface SwitchOffDialogProps {
  readonly webhook: Webhook
  readonly onClose: () => void
  readonly onChanged: () => void
}

/** Stops sending to an endpoint until it is enabled again. */
export function SwitchOffDialog({ webhook, onClose, onChanged }: SwitchOffDialogProps) {
  const environment = useEnvironment()
  const say = useToast()
  const switchOff = useMutation({
    mutationFn: () =>
      call(updateWebhook, { params: { id: webhook.id }, body: { active: false } }, { environment }),
    onSuccess: () => {
      say('The endpoint is switched off.')
      onChanged()
      onClose()
    },
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Switch off the endpoint"
      description="Nothing is sent to it until you enable it again. Nothing is lost: it then goes on where it stopped."
    >
      {switchOff.error instanceof ApiProblem && (
        <ErrorState message={switchOff.error.message} requestId={switchOff.error.requestId} />
      )}
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" isBusy={switchOff.isPending} onClick={() => switchOff.mutate()}>
          Switch off
        </Button>
      </div>
    </Dialog>
  )
}
