import { useMutation, useQueryClient } from '@tanstack/react-query'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { retryWebhookDelivery } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { useMe } from '../api/session.ts'
import { Button } from '../ui/Button.tsx'
import { CopyButton } from '../ui/CopyButton.tsx'
import { classes } from '../ui/classes.ts'
import { Dialog } from '../ui/Dialog.tsx'
import { EmptyState, ErrorState } from '../ui/States.tsx'
import { Time } from '../ui/Time.tsx'
import { useToast } from '../ui/Toasts.tsx'
import { DeliveryStateText } from './DeliveryStateText.tsx'
import type { Delivery, Webhook } from './webhook-queries.ts'
import { whyNotChange } from './webhook-role.ts'

interface DeliverySheetProps {
  readonly webhook: Webhook
  readonly eventId: string
  /** Undefined: not among those that the page lists. */
  readonly delivery: Delivery | undefined
  readonly onClose: () => void
}

/** One delivery with its attempts, and a replay. */
export function DeliverySheet({ webhook, eventId, delivery, onClose }: DeliverySheetProps) {
  return (
    <Dialog open isSheet onOpenChange={onClose} title={delivery?.event ?? 'Delivery'}>
      {delivery === undefined ? (
        <EmptyState title="Not on this page">
          The event <code className="numeric">{eventId}</code> is on another page of the deliveries, or was
          never sent to this endpoint.
        </EmptyState>
      ) : (
        <Body webhook={webhook} delivery={delivery} />
      )}
    </Dialog>
  )
}

function Body({ webhook, delivery }: { readonly webhook: Webhook; readonly delivery: Delivery }) {
  const environment = useEnvironment()
  const say = useToast()
  const queryClient = useQueryClient()
  const refusal =
    whyNotChange(useMe()) ??
    (webhook.active ? undefined : 'Nothing is sent while the endpoint is off. Enable it first.')
  const replay = useMutation({
    mutationFn: () =>
      call(retryWebhookDelivery, { params: { id: webhook.id, eventId: delivery.eventId } }, { environment }),
    onSuccess: () => {
      say('The event is sent again, under the same id.')
      void queryClient.invalidateQueries({ queryKey: ['webhooks', environment, webhook.id] })
    },
  })
  return (
    <div className="grid gap-4">
      <dl className="grid gap-x-4 gap-y-1 min-[500px]:grid-cols-[120px_1fr]">
        <dt className="text-ink-soft">State</dt>
        <dd>
          <DeliveryStateText state={delivery.deliveryState} />
        </dd>
        <dt className="text-ink-soft">Event id</dt>
        <dd className="flex items-center gap-1">
          <code className="numeric min-w-0 text-[13px] break-all">{delivery.eventId}</code>
          <CopyButton text={delivery.eventId} label="event id" />
        </dd>
        <dt className="text-ink-soft">Created</dt>
        <dd>
          <Time iso={delivery.createdAt} exact />
        </dd>
        {delivery.nextAttemptAt !== null && (
          <>
            <dt className="text-ink-soft">Next attempt</dt>
            <dd>
              <Time iso={delivery.nextAttemptAt} exact />
            </dd>
          </>
        )}
      </dl>
      {replay.error instanceof ApiProblem && (
        <ErrorState message={replay.error.message} requestId={replay.error.requestId} />
      )}
      <Button
        className="justify-self-start"
        disabledReason={refusal}
        isBusy={replay.isPending}
        onClick={() => replay.mutate()}
      >
        Replay this event
      </Button>
      <h3 className="font-semibold">
        {delivery.attemptCount === 1 ? '1 attempt' : `${delivery.attemptCount} attempts`}
        {delivery.attemptCount > delivery.attempts.length && `, the newest ${delivery.attempts.length}`}
      </h3>
      {delivery.attempts.length === 0 && <p className="text-ink-soft">The first one is about to be made.</p>}
      <ol className="grid gap-3">
        {delivery.attempts.toReversed().map((attempt) => (
          <AttemptItem key={attempt.attempt} attempt={attempt} />
        ))}
      </ol>
    </div>
  )
}

function AttemptItem({ attempt }: { readonly attempt: Delivery['attempts'][number] }) {
  const { status, error, latencyMs, responseExcerpt } = attempt
  const isSuccess = status !== null && status >= 200 && status < 300
  return (
    <li className="rounded-[8px] border border-line p-3">
      <p className="flex flex-wrap items-baseline justify-between gap-2">
        <span className={classes('font-medium', isSuccess ? 'text-verified' : 'text-failed')}>
          {attempt.attempt}. {status === null ? (error ?? 'No answer') : `HTTP ${status}`}
        </span>
        <span className="text-[13px] text-ink-soft">
          <span className="numeric">{latencyMs}</span> ms · <Time iso={attempt.attemptedAt} exact />
        </span>
      </p>
      {status !== null && error !== null && <p className="mt-1 text-[13px] text-failed">{error}</p>}
      {responseExcerpt !== null && responseExcerpt !== '' && (
        <pre className="numeric mt-2 rounded bg-page p-2 text-[12px] whitespace-pre-wrap">
          {responseExcerpt}
        </pre>
      )}
    </li>
  )
}
