import { useMutation } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import { createWebhook } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { type WebhookFacts, WebhookForm } from './WebhookForm.tsx'
import type { WebhookWithSecret } from './webhook-queries.ts'

interface CreateWebhookDialogProps {
  readonly onClose: () => void
  readonly onCreated: (webhook: WebhookWithSecret) => void
}

const EMPTY: WebhookFacts = { url: '', description: '', events: null }

/** Asks where events of this environment are sent. */
export function CreateWebhookDialog({ onClose, onCreated }: CreateWebhookDialogProps) {
  const environment = useEnvironment()
  const create = useMutation({
    mutationFn: ({ url, description, events }: WebhookFacts) =>
      call(
        createWebhook,
        {
          body: {
            url,
            ...(description !== '' && { description }),
            ...(events !== null && { events: [...events] }),
          },
        },
        { environment },
      ),
    onSuccess: onCreated,
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={environment === 'sandbox' ? 'Add a Sandbox endpoint' : 'Add a Production endpoint'}
      description="It gets what is verified from now on. Its signing secret is shown in the next step, once."
    >
      <WebhookForm
        initial={EMPTY}
        action="Add endpoint"
        isBusy={create.isPending}
        error={create.error}
        onSubmit={create.mutate}
        onCancel={onClose}
      />
    </Dialog>
  )
}
