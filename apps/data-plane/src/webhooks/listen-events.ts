import { setTimeout as delay } from 'node:timers/promises'
import * as api from '@pacspace/api/definition/webhooks'
import type { EventId } from '@pacspace/api/id'
import { validationProblem } from '@pacspace/api/problem'
import { epochMsOf, timestampOf } from '@pacspace/api/timestamp'
import type { WebhookEventType } from '@pacspace/api/webhook-event'
import { type DataPlaneContext, implement } from '../context.ts'
import { ensureSource, selectListenEnd, selectRequested } from './listen.sql.ts'
import { RenderedEvents } from './rendered-events.ts'

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
  const [end, requested] = await Promise.all([
    selectListenEnd(db, tenantNo),
    selectRequested(db, tenantNo, {
      after: timestampOf(cursor.requestedMs),
      until: timestampOf(settledMs),
      limit: api.LISTEN_EVENTS_MAX,
    }),
  ])
  const to = cursor.logIndex < end ? RenderedEvents.endOf(cursor.logIndex, end) : cursor.logIndex
  const fresh = to > cursor.logIndex ? await webhooks.rendered.read(tenantNo, cursor.logIndex, to, null) : []
  const replayed = await Promise.all(
    requested.map(async (row) => ({
      id: row.event_id,
      event: row.event,
      body: row.body ?? (await webhooks.rendered.bodyOf(tenantNo, row)),
      isReplay: row.log_index !== null,
    })),
  )
  const last = requested.at(-1)
  const isFull = requested.length >= api.LISTEN_EVENTS_MAX && last !== undefined
  const requestedMs = isFull ? epochMsOf(last.requested_at) : settledMs
  return {
    cursor: { logIndex: to, requestedMs: Math.max(cursor.requestedMs, requestedMs) },
    events: [...fresh.map(({ id, type, body }) => ({ id, event: type, body, isReplay: false })), ...replayed],
  }
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
