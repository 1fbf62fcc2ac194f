import type { EventId } from '@pacspace/api/id'
import { epochMsOf, type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import type { WebhookEventType } from '@pacspace/api/webhook-event'
import type { AttemptedDelivery, Claim, ClaimedEndpoint } from './deliveries.sql.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { type Outcome, postDelivery } from './post-delivery.ts'
import { retryDelayMs } from './retry-schedule.ts'
import { deliveryHeaders } from './sign-delivery.ts'
import { parseTarget } from './target-rules.ts'
import { openSecret } from './webhook-secret.ts'

/** The receiver says that it is gone for good. */
const GONE = 410

/** An event to be sent to an endpoint now. */
export interface DeliveryJob {
  readonly eventId: EventId
  readonly event: WebhookEventType
  readonly logIndex: number | null
  readonly createdAt: Timestamp
  readonly body: string
  /** Of this event's attempts so far. */
  readonly attemptCount: number
  readonly retriesUsed: number
  readonly requestedAt: Timestamp | null
  readonly inOrder: boolean
  /** True where the body is told by no log entry and stands in its row. */
  readonly isOwn: boolean
  /** True where the cursor has yet to pass it. */
  readonly fromLog: boolean
}

/** What one attempt came to. */
export interface Attempted {
  readonly delivery: AttemptedDelivery
  readonly isDelivered: boolean
  readonly isGone: boolean
  readonly fromLog: boolean
}

/** Signs an event and sends it once. Never throws for anything the receiver does. */
export async function attemptDelivery(
  context: DeliveryContext,
  claim: Claim,
  endpoint: ClaimedEndpoint,
  job: DeliveryJob,
): Promise<Attempted> {
  const nowMs = context.clock.now()
  const attempt = job.attemptCount + 1
  const outcome = await send(context, claim, endpoint, job, nowMs)
  const isGone = outcome.status === GONE
  const next = outcome.isDelivered || isGone ? undefined : nextAttempt(context, job, outcome)
  return {
    isDelivered: outcome.isDelivered,
    isGone,
    fromLog: job.fromLog,
    delivery: {
      eventId: job.eventId,
      event: job.event,
      logIndex: job.logIndex,
      body: job.isOwn ? job.body : null,
      createdAt: job.createdAt,
      state: outcome.isDelivered ? 'delivered' : next === undefined ? 'exhausted' : 'failed',
      retriesUsed: next === undefined ? job.retriesUsed : job.retriesUsed + 1,
      nextAttemptAt: next ?? null,
      requestedAt: job.requestedAt,
      attempt: {
        attempt,
        attemptedAt: timestampOf(nowMs),
        status: outcome.status,
        latencyMs: outcome.latencyMs,
        error: outcome.error,
        responseExcerpt: outcome.responseExcerpt,
      },
    },
  }
}

async function send(
  context: DeliveryContext,
  claim: Claim,
  endpoint: ClaimedEndpoint,
  job: DeliveryJob,
  nowMs: number,
): Promise<Outcome> {
  const { eventId, event, body } = job
  // Rules may have become stricter since it was saved, and a row may have come by another way than our endpoint.
  if ('refusal' in parseTarget(endpoint.url, context.rules)) return REFUSED
  const secrets = secretsOf(endpoint, claim, context, nowMs)
  const timestamp = Math.floor(nowMs / 1_000)
  const headers = deliveryHeaders({ eventId, event, body, timestamp, attempt: job.attemptCount + 1 }, secrets)
  const { dispatcher, attemptMsMax } = context
  return postDelivery(dispatcher, {
    url: endpoint.url,
    headers,
    body,
    nowMs,
    ...(attemptMsMax !== undefined && { timeoutMs: attemptMsMax }),
  })
}

const REFUSED: Outcome = {
  isDelivered: false,
  status: null,
  latencyMs: 0,
  error: 'address not allowed',
  responseExcerpt: null,
  retryAfterMs: undefined,
}

/** The secrets that sign now, the present one first. */
function secretsOf(
  endpoint: ClaimedEndpoint,
  claim: Claim,
  { webhookKey }: DeliveryContext,
  nowMs: number,
): string[] {
  const { sealed_secret, sealed_old_secret, old_secret_until } = endpoint
  const secrets = [openSecret(sealed_secret, claim.endpoint_id, webhookKey)]
  if (sealed_old_secret !== null && old_secret_until !== null && epochMsOf(old_secret_until) > nowMs) {
    secrets.push(openSecret(sealed_old_secret, claim.endpoint_id, webhookKey))
  }
  return secrets
}

/** Counted from the end of the attempt, whose time is the receiver's to waste. */
function nextAttempt(
  { clock, random }: DeliveryContext,
  { retriesUsed }: DeliveryJob,
  { retryAfterMs }: Outcome,
): Timestamp | undefined {
  const delayMs = retryDelayMs(retriesUsed, { retryAfterMs, random })
  return delayMs === undefined ? undefined : timestampOf(clock.now() + delayMs)
}
