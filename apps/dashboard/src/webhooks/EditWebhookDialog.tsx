import { webhookEventTypes } from '@pacspace/api/webhook-event'
import { useMutation } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import { updateWebhook } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { useToast } from '../ui/Toasts.tsx'
import { choiceOf } from './EventChoice.tsx'
import { type WebhookFacts, WebhookForm } from './WebhookForm.tsx'
import type { Webhook } from './webhook-queries.ts'

interface EditWebhookDialogProps {
  readonly webhook: Webhook
  readonly onClose: () => void
  readonly onChanged: () => void
}

/** Changes where events are sent, which, and what for. Only what was changed is sent. */
export function EditWebhookDialog({ webhook, onClose, onChanged }: EditWebhookDialogProps) {
  const environment = useEnvironment()
  const say = useToast()
  const initial: WebhookFacts = {
    url: webhook.url,
    description: webhook.description ?? '',
    events: choiceOf(webhook.events),
  }
  const change = useMutation({
    mutationFn: (facts: WebhookFacts) =>
      call(updateWebhook, { params: { id: webhook.id }, body: changesOf(initial, facts) }, { environment }),
    onSuccess: () => {
      say('The endpoint is changed.')
      onChanged()
      onClose()
    },
  })
  return (
    <Dialog open onOpenChange={onClose} title="Edit the endpoint">
      <WebhookForm
        initial={initial}
        action="Save"
        isBusy={change.isPending}
        error={change.error}
        onSubmit={change.mutate}
        onCancel={onClose}
      />
    </Dialog>
  )
}

function changesOf(before: WebhookFacts, after: WebhookFacts) {
  return {
    ...(after.url !== before.url && { url: after.url }),
    ...(after.description !== before.description && { description: after.description || null }),
    ...(after.events !== before.events && { events: [...(after.events ?? webhookEventTypes)] }),
  }
}
