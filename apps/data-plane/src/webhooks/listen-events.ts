import { setTimeout as delay } from 'node:timers/promises'
import * as api from '@pacspace/api/definition/webhooks'
import type { EventId } from '@pacspace/api/id'
import { validationProblem } from '@pacspace/api/problem'
import { epochMsOf, type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import type { WebhookEventType } from '@pacspace/api/webhook-event'
import { type DataPlaneContext, implement } from '../context.ts'
import { type CreatedCustomer as CreatedRow, selectCreatedBetween } from '../customers/front-door.ts'
import { ensureSource, type RequestedEvent, selectListenEnd, selectRequested } from './listen.sql.ts'
import { selectEventSource } from './log-events.sql.ts'
import { RenderedEvents } from './rendered-events.ts'
import { customerCreatedEvent } from './tell-customer.ts'

const POLL_MS = 200
/** A request is given this long after it was made: a transaction commits after the clock it was stamped by. */
const SETTLED_MS = 1_000
const EVENT_KEY_BYTES = 32

interface Cursor {
  readonly logIndex: number
  /** Milliseconds since 1970. */
  readonly requestedMs: number
}

interface ListenedEvent {
  readonly id: EventId
  readonly event: WebhookEventType
  readonly body: string
  readonly isReplay: boolean
}

/**
 * The key's tenant's events as they happen, for `pacspace listen`: from the log, and from what is requested (replays and
 * tests). Waits up to `waitSeconds` for the first. Nothing is kept for a listener: its cursor is all there is. Each
 * event and each request is given once.
 */
export const listenEvents = implement(api.listenEvents, async ({ principal, input }, context) => {
  const { tenantNo } = principal
  const { cursor: text, waitSeconds = 0 } = input.query
  const { db, clock, randomBytes } = context
  await ensureSource(db, tenantNo, randomBytes(EVENT_KEY_BYTES))
  if (text === undefined) {
    const end = await selectListenEnd(db, tenantNo)
    return { cursor: formatCursor({ logIndex: end, requestedMs: clock.now() }), events: [] }
  }
  const cursor = parseCursor(text)
  const deadlineMs = performance.now() + waitSeconds * 1_000
  for (;;) {
    const found = await eventsAfter(context, tenantNo, cursor)
    const isMoved = found.cursor.logIndex > cursor.logIndex
    if (found.events.length > 0 || isMoved || performance.now() >= deadlineMs) {
      return { cursor: formatCursor(found.cursor), events: found.events }
    }
    await delay(POLL_MS)
  }
})

async function eventsAfter(
  context: DataPlaneContext,
  tenantNo: number,
  cursor: Cursor,
): Promise<{ cursor: Cursor; events: ListenedEvent[] }> {
  const { db, clock, webhooks } = context
  const settledMs = clock.now() - SETTLED_MS
  const stretch = {
    after: timestampOf(cursor.requestedMs),
    until: timestampOf(settledMs),
    limit: api.LISTEN_EVENTS_MAX,
  }
  const [end, requested, created] = await Promise.all([
    selectListenEnd(db, tenantNo),
    selectRequested(db, tenantNo, stretch),
    selectCreatedBetween(db, tenantNo, stretch),
  ])
  const to = cursor.logIndex < end ? RenderedEvents.endOf(cursor.logIndex, end) : cursor.logIndex
  const fresh = to > cursor.logIndex ? await webhooks.rendered.read(tenantNo, cursor.logIndex, to, null) : []
  // A full page of either says nothing of what follows it.
  const untilMs = Math.min(
    settledMs,
    ...[requested.map(({ requested_at }) => requested_at), created.map(({ created_at }) => created_at)]
      .filter((times) => times.length >= api.LISTEN_EVENTS_MAX)
      .map((times) => epochMsOf(times.at(-1) ?? stretch.until)),
  )
  return {
    cursor: { logIndex: to, requestedMs: Math.max(cursor.requestedMs, untilMs) },
    events: [
      ...fresh.map(({ id, type, body }) => ({ id, event: type, body, isReplay: false })),
      ...(await createdEvents(context, tenantNo, created.filter(isUntil(untilMs, 'created_at')))),
      ...(await requestedEvents(context, tenantNo, requested.filter(isUntil(untilMs, 'requested_at')))),
    ],
  }
}

function isUntil<Name extends string>(untilMs: number, name: Name) {
  return (row: Readonly<Record<Name, Timestamp>>) => epochMsOf(row[name]) <= untilMs
}

/** Of customers that were created: no log entry tells of them. */
async function createdEvents(
  { db, environment }: DataPlaneContext,
  tenantNo: number,
  created: readonly CreatedRow[],
): Promise<ListenedEvent[]> {
  const source = created.length === 0 ? undefined : await selectEventSource(db, tenantNo)
  if (source === undefined) return []
  return created.map(({ customer_id: customerId, display_name: displayName, created_at: createdAt }) => {
    const customer = { environment, customerId, displayName, createdAt }
    const { id, type, body } = customerCreatedEvent(source, customer)
    return { id, event: type, body, isReplay: false }
  })
}

async function requestedEvents(
  { webhooks }: DataPlaneContext,
  tenantNo: number,
  requested: readonly RequestedEvent[],
): Promise<ListenedEvent[]> {
  return await Promise.all(
    requested.map(async (row) => ({
      id: row.event_id,
      event: row.event,
      body: row.body ?? (await webhooks.rendered.bodyOf(tenantNo, row)),
      isReplay: row.log_index !== null,
    })),
  )
}

function formatCursor({ logIndex, requestedMs }: Cursor): string {
  return `${logIndex}.${requestedMs}`
}

/** Attacker-controlled. Raises VALIDATION_ERROR. */
function parseCursor(text: string): Cursor {
  const [, logIndex, requestedMs] = /^(\d{1,15})\.(\d{1,14})$/.exec(text) ?? []
  if (logIndex === undefined || requestedMs === undefined) {
    throw validationProblem('/cursor', 'must be a cursor of an earlier answer')
  }
  return { logIndex: Number(logIndex), requestedMs: Number(requestedMs) }
}
