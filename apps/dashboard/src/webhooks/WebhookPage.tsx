import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { PageHeader } from '../ui/Card.tsx'
import { EmptyState, ErrorState, Skeleton } from '../ui/States.tsx'
import { DeleteWebhookDialog } from './DeleteWebhookDialog.tsx'
import { DeliveriesCard } from './DeliveriesCard.tsx'
import { EditWebhookDialog } from './EditWebhookDialog.tsx'
import { EnableDialog } from './EnableDialog.tsx'
import { RecoverDialog } from './RecoverDialog.tsx'
import { RotateSecretDialog } from './RotateSecretDialog.tsx'
import { SecretDialog } from './SecretDialog.tsx'
import { SwitchOffDialog } from './SwitchOffDialog.tsx'
import { type WebhookAction, WebhookActions } from './WebhookActions.tsx'
import { WebhookFactsCard } from './WebhookFactsCard.tsx'
import { type Webhook, type WebhookWithSecret, webhookQuery } from './webhook-queries.ts'

/** One endpoint: how it does, what can be done with it, and everything that was sent to it. */
export function WebhookPage() {
  const environment = useEnvironment()
  const { webhookId = '' } = useParams({ strict: false })
  const webhook = useQuery(webhookQuery(environment, webhookId))
  return (
    <>
      <Link
        to={paths.webhooks(environment)}
        className="mb-2 inline-flex items-center gap-1 text-[13px] text-accent underline"
      >
        <ChevronLeft size={14} aria-hidden />
        Webhooks
      </Link>
      {webhook.isPending && <Skeleton lines={8} label="Loading the endpoint" />}
      {webhook.error instanceof ApiProblem &&
        (webhook.error.code === 'NOT_FOUND' ? (
          <EmptyState title="There is no such endpoint here">
            It was deleted, or it belongs to the other environment.
          </EmptyState>
        ) : (
          <ErrorState
            message={webhook.error.message}
            requestId={webhook.error.requestId}
            onRetry={() => void webhook.refetch()}
          />
        ))}
      {webhook.data !== undefined && !(webhook.error instanceof ApiProblem) && (
        <Endpoint webhook={webhook.data} />
      )}
    </>
  )
}

function Endpoint({ webhook }: { readonly webhook: Webhook }) {
  const environment = useEnvironment()
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const [open, setOpen] = useState<WebhookAction>()
  const [rotated, setRotated] = useState<WebhookWithSecret>()
  const close = () => setOpen(undefined)
  const refresh = () => void queryClient.invalidateQueries({ queryKey: ['webhooks', environment] })
  const dialog = { webhook, onClose: close, onChanged: refresh }
  return (
    <>
      <PageHeader
        title={webhook.url}
        actions={<WebhookActions webhook={webhook} onAction={setOpen} onSent={refresh} />}
      >
        {webhook.description ?? undefined}
      </PageHeader>
      <div className="grid gap-4">
        <WebhookFactsCard webhook={webhook} onEnable={() => setOpen('enable')} />
        <DeliveriesCard webhook={webhook} onRecover={() => setOpen('recover')} />
      </div>
      {open === 'edit' && <EditWebhookDialog {...dialog} />}
      {open === 'enable' && <EnableDialog {...dialog} />}
      {open === 'switch-off' && <SwitchOffDialog {...dialog} />}
      {open === 'recover' && <RecoverDialog {...dialog} />}
      {open === 'rotate' && (
        <RotateSecretDialog
          {...dialog}
          onRotated={(next) => {
            close()
            setRotated(next)
            refresh()
          }}
        />
      )}
      {open === 'delete' && (
        <DeleteWebhookDialog
          webhook={webhook}
          onClose={close}
          onDeleted={() => {
            refresh()
            void navigate({ to: paths.webhooks(environment) })
          }}
        />
      )}
      {rotated !== undefined && <SecretDialog webhook={rotated} onClose={() => setRotated(undefined)} />}
    </>
  )
}
