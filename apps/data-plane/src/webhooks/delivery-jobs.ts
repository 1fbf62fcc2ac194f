import { timestampOf } from '@pacspace/api/timestamp'
import type { DeliveryJob } from './attempt-delivery.ts'
import { type Claim, type ClaimedEndpoint, type DueDelivery, selectDue } from './deliveries.sql.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { isDeltaEvent } from './log-events.ts'
import { RenderedEvents } from './rendered-events.ts'

const DUE_AT_ONCE = 64
/** Entries passed at once where none of what deltas tell is wanted. */
const SKIP_ENTRIES = 10_000

export interface ReadJobs {
  readonly jobs: readonly DeliveryJob[]
  /** True when not everything was taken. */
  readonly mayHaveMore: boolean
}

/** Retries, replays and own events whose time has come, but for those in hand. */
export async function readDueJobs(
  context: DeliveryContext,
  claim: Claim,
  inHand: ReadonlySet<string>,
): Promise<ReadJobs> {
  const { db, clock } = context
  const limit = DUE_AT_ONCE + inHand.size
  const rows = await selectDue(db, claim, timestampOf(clock.now()), limit)
  const fresh = rows.filter(({ event_id }) => !inHand.has(event_id))
  const jobs = await Promise.all(fresh.map((row) => dueJob(context, claim, row)))
  return { jobs, mayHaveMore: rows.length === limit }
}

async function dueJob({ rendered }: DeliveryContext, claim: Claim, row: DueDelivery): Promise<DeliveryJob> {
  return {
    eventId: row.event_id,
    event: row.event,
    logIndex: row.log_index,
    createdAt: row.created_at,
    body: row.body ?? (await rendered.bodyOf(claim.tenant_id, row)),
    isOwn: row.body !== null,
    fromLog: false,
    attemptCount: row.attempt_count,
    retriesUsed: row.retries_used,
    requestedAt: row.requested_at,
    inOrder: row.in_order,
  }
}

/** The wanted events of the next entries, from `from` on; and `to`, up to which entries were looked at. */
export async function readEntryJobs(
  { rendered }: DeliveryContext,
  claim: Claim,
  endpoint: ClaimedEndpoint,
  from: number,
): Promise<ReadJobs & { readonly to: number }> {
  const { verified_size: size, events } = endpoint
  if (from >= size) return { jobs: [], to: from, mayHaveMore: false }
  const isSparse = events !== null && !events.some(isDeltaEvent)
  const to = isSparse ? Math.min(size, from + SKIP_ENTRIES) : RenderedEvents.endOf(from, size)
  const found = await rendered.read(claim.tenant_id, from, to, events)
  const jobs = found.map((event) => ({
    eventId: event.id,
    event: event.type,
    logIndex: event.logIndex,
    createdAt: event.createdAt,
    body: event.body,
    isOwn: false,
    fromLog: true,
    attemptCount: 0,
    retriesUsed: 0,
    requestedAt: null,
    inOrder: false,
  }))
  return { jobs, to, mayHaveMore: to < size }
}
