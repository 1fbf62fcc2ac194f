import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { useEnvironment } from '../api/environment.ts'
import { useMe } from '../api/session.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { Card, PageHeader } from '../ui/Card.tsx'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { EmptyState, ErrorState, Skeleton } from '../ui/States.tsx'
import { type Column, Table } from '../ui/Table.tsx'
import { Time } from '../ui/Time.tsx'
import { CreateWebhookDialog } from './CreateWebhookDialog.tsx'
import { eventsText } from './EventChoice.tsx'
import { SecretDialog } from './SecretDialog.tsx'
import { WebhookStateText } from './WebhookStateText.tsx'
import { type Webhook, type WebhookWithSecret, webhooksQuery } from './webhook-queries.ts'
import { whyNotChange } from './webhook-role.ts'

/** Where events of the environment are sent. Each endpoint has its own secret and its own deliveries. */
export function WebhooksPage() {
  const environment = useEnvironment()
  const me = useMe()
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const webhooks = useQuery(webhooksQuery(environment))
  const [isCreating, setCreating] = useState(false)
  const [created, setCreated] = useState<WebhookWithSecret>()
  const refusal = me.isVerified
    ? whyNotChange(me)
    : 'Verify your e-mail address first: the link is in your mailbox.'
  const create = (
    <Button
      look="primary"
      icon={<Plus size={16} aria-hidden />}
      disabledReason={refusal}
      onClick={() => setCreating(true)}
    >
      Add endpoint
    </Button>
  )
  return (
    <>
      <PageHeader title="Webhooks" actions={create}>
        Your server is told what has happened: a delta is verified, a period is closed. Each event is signed,
        and sent again until it arrives.
      </PageHeader>
      {webhooks.isPending && <Skeleton lines={5} label="Loading endpoints" />}
      {webhooks.error instanceof ApiProblem && (
        <ErrorState
          message={webhooks.error.message}
          requestId={webhooks.error.requestId}
          onRetry={() => void webhooks.refetch()}
        />
      )}
      {webhooks.data?.items.length === 0 && <NoWebhooks action={create} />}
      {webhooks.data !== undefined && webhooks.data.items.length > 0 && (
        <Card>
          <WebhookTable webhooks={webhooks.data.items} />
        </Card>
      )}
      {isCreating && (
        <CreateWebhookDialog
          onClose={() => setCreating(false)}
          onCreated={(webhook) => {
            setCreating(false)
            setCreated(webhook)
            void queryClient.invalidateQueries({ queryKey: webhooksQuery(environment).queryKey })
          }}
        />
      )}
      {created !== undefined && (
        <SecretDialog
          webhook={created}
          onClose={() => void navigate({ to: paths.webhook(environment, created.id) })}
        />
      )}
    </>
  )
}

function NoWebhooks({ action }: { readonly action: React.ReactNode }) {
  return (
    <EmptyState title="No endpoints yet" action={action}>
      <p>
        An endpoint is an address of your server that we send events to. While you build, events can come to
        your own machine instead, with no public address:
      </p>
      <div className="mt-3 text-left">
        <CodeBlock
          label="command"
          code={`PACSPACE_API_KEY=pk_… pacspace listen \\
  --base-url ${window.location.origin} \\
  --forward-to http://127.0.0.1:3000/webhooks`}
        />
      </div>
    </EmptyState>
  )
}

function WebhookTable({ webhooks }: { readonly webhooks: readonly Webhook[] }) {
  const environment = useEnvironment()
  const columns: Column<Webhook>[] = [
    {
      key: 'url',
      title: 'Endpoint',
      cell: (webhook) => (
        <span className="min-w-0">
          <Link
            to={paths.webhook(environment, webhook.id)}
            className="font-medium break-all text-accent underline"
          >
            {webhook.url}
          </Link>
          {webhook.description !== null && <span className="block text-ink-soft">{webhook.description}</span>}
        </span>
      ),
    },
    { key: 'state', title: 'State', cell: (webhook) => <WebhookStateText webhook={webhook} /> },
    { key: 'events', title: 'Events', cell: (webhook) => eventsText(webhook.events) },
    { key: 'created', title: 'Created', cell: (webhook) => <Time iso={webhook.createdAt} exact /> },
  ]
  return (
    <Table caption="Webhook endpoints" columns={columns} rows={webhooks} keyOf={(webhook) => webhook.id} />
  )
}
