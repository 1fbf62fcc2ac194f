import { useMe } from '../api/session.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Time } from '../ui/Time.tsx'
import { eventsText } from './EventChoice.tsx'
import { WebhookStateText } from './WebhookStateText.tsx'
import type { Webhook } from './webhook-queries.ts'
import { whyNotChange } from './webhook-role.ts'
import { webhookState } from './webhook-state.ts'

/** How an endpoint does and since when, what it gets, and whose secret signs. */
export function WebhookFactsCard({
  webhook,
  onEnable,
}: {
  readonly webhook: Webhook
  readonly onEnable: () => void
}) {
  const refusal = whyNotChange(useMe())
  const { active, failingSince, disabledAt, oldSecretUntil } = webhook
  return (
    <Card>
      <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
        <div>
          <p className="text-[16px] font-medium">
            <WebhookStateText webhook={webhook} />
          </p>
          <p className="mt-0.5 max-w-[72ch] text-ink-soft">{webhookState(webhook).sentence}</p>
        </div>
        {!active && (
          <Button look="primary" disabledReason={refusal} onClick={onEnable}>
            Enable again
          </Button>
        )}
      </div>
      <dl className="grid gap-x-4 gap-y-1 min-[700px]:grid-cols-[140px_1fr]">
        {failingSince !== null && (
          <>
            <dt className="text-ink-soft">First failure</dt>
            <dd>
              <Time iso={failingSince} exact />
            </dd>
          </>
        )}
        {disabledAt !== null && (
          <>
            <dt className="text-ink-soft">Disabled</dt>
            <dd>
              <Time iso={disabledAt} exact />
            </dd>
          </>
        )}
        <dt className="text-ink-soft">Endpoint id</dt>
        <dd className="flex items-center gap-1">
          <code className="numeric min-w-0 text-[13px] break-all">{webhook.id}</code>
          <CopyButton text={webhook.id} label="endpoint id" />
        </dd>
        <dt className="text-ink-soft">Events</dt>
        <dd title={webhook.events.join(', ')}>{eventsText(webhook.events)}</dd>
        <dt className="text-ink-soft">Signing</dt>
        <dd>
          {oldSecretUntil === null ? (
            'One secret. It was shown when it was made.'
          ) : (
            <>
              Two secrets: the old one signs beside the new one until <Time iso={oldSecretUntil} exact />.
            </>
          )}
        </dd>
        <dt className="text-ink-soft">Created</dt>
        <dd>
          <Time iso={webhook.createdAt} exact />
        </dd>
      </dl>
    </Card>
  )
}
