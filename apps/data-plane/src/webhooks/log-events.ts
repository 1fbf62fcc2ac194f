import { amountOfNumeric, ZERO } from '@pacspace/api/amount'
import type { Environment } from '@pacspace/api/environment'
import type { EventId } from '@pacspace/api/id'
import { periodOf, type Timestamp } from '@pacspace/api/timestamp'
import type { WebhookEventType } from '@pacspace/api/webhook-event'
import { type Db, type Pool, transaction } from '@pacspace/service/postgres'
import { deltaOfRow, selectOtherEntries } from '../ledger/front-door.ts'
import { buildDeltaProofs } from '../proofs/front-door.ts'
import {
  checkpointVerifiedData,
  customerCreatedData,
  deltaStoredData,
  deltaVerifiedData,
  eventBody,
  factVerifiedData,
  isWrite,
  usageThresholdData,
  writeVerifiedData,
} from './event-data.ts'
import { eventIdOf } from './event-id.ts'
import {
  type AnchoredHead,
  type EventDelta,
  type EventSource,
  selectAnchoredHeads,
  selectEventDeltas,
  selectEventSource,
  selectStoredStretches,
} from './log-events.sql.ts'

/** Shares of the plan, in percent, whose use is an event. */
const USAGE_THRESHOLDS = [80, 100]

/** One event of a log entry, ready to be signed and sent. The same entry gives the same event, whoever renders it. */
export interface LogEvent {
  readonly id: EventId
  readonly type: WebhookEventType
  readonly logIndex: number
  readonly createdAt: Timestamp
  readonly body: string
}

/** Verified entries of a tenant's log. */
export interface LogStretch {
  readonly tenantNo: number
  readonly environment: Environment
  readonly from: number
  /** Exclusive; must not be past the verified size. */
  readonly to: number
  readonly wants: (type: WebhookEventType) => boolean
}

interface EntryEvent {
  readonly type: WebhookEventType
  readonly logIndex: number
  readonly createdAt: Timestamp
  readonly data: object
  /** Beside type and entry, where one entry has several events of a type. */
  readonly detail?: string
}

interface Rendering extends LogStretch {
  readonly tx: Db
  readonly source: EventSource
  readonly heads: readonly AnchoredHead[]
}

/** What each kind of log entry tells. A kind that is added to the log adds its reader here. */
const readers: readonly ((rendering: Rendering) => Promise<readonly EntryEvent[]>)[] = [
  deltaEvents,
  storedEvents,
  otherEvents,
]

/**
 * The events that a stretch of verified entries tells of, in the order of the log, those that are wanted. Rendered from the
 * rows and from the first anchored head over each entry, so that an event has the same bytes today and after a year.
 */
export async function readLogEvents(db: Pool, stretch: LogStretch): Promise<LogEvent[]> {
  const { tenantNo, environment, from, to } = stretch
  return transaction(
    db,
    async (tx) => {
      const source = await selectEventSource(tx, tenantNo)
      if (source === undefined) throw new Error(`tenant ${tenantNo} has no event key`)
      if (to > (source.verified_size ?? 0)) throw new Error(`entry ${to - 1} is not verified`)
      const heads = await selectAnchoredHeads(tx, tenantNo, from, to)
      const rendering = { ...stretch, tx, source, heads }
      const lists = await Promise.all(readers.map((read) => read(rendering)))
      return lists
        .flat()
        .sort((a, b) => a.logIndex - b.logIndex)
        .map(({ type, logIndex, createdAt, data, detail = '' }) => {
          const id = eventIdOf(source.event_key, type, source.tenant_id, `${logIndex}${detail}`)
          const envelope = { id, type, createdAt, tenantId: source.tenant_id, environment }
          return { id, type, logIndex, createdAt, body: eventBody(envelope, data) }
        })
    },
    { isolation: 'repeatable read', readOnly: true },
  )
}

const DELTA_EVENTS: readonly WebhookEventType[] = [
  'customer.created',
  'delta.verified',
  'usage.threshold',
  'verification.completed',
]

/** True for the events that every delta may tell: an endpoint that wants none of them passes entries unread. */
export function isDeltaEvent(type: WebhookEventType): boolean {
  return type === 'delta.stored' || DELTA_EVENTS.includes(type)
}

async function deltaEvents(rendering: Rendering): Promise<readonly EntryEvent[]> {
  const { tx, tenantNo, from, to, wants, heads } = rendering
  if (!DELTA_EVENTS.some(wants)) return []
  const rows = await selectEventDeltas(tx, tenantNo, from, to)
  const proofs = wants('delta.verified') ? await proofsOf(rendering, rows) : []
  return rows.flatMap((row, i) => {
    const createdAt = headOver(heads, row.log_index).anchored_at
    return [
      ...createdEvent(rendering, row, createdAt),
      ...verifiedEvent(rendering, row, createdAt, proofs[i] ?? ''),
      ...usageEvents(rendering, row, createdAt),
      ...writeEvent(row, createdAt),
    ].filter(({ type }) => wants(type))
  })
}

function createdEvent({ source }: Rendering, row: EventDelta, createdAt: Timestamp): EntryEvent[] {
  if (!row.begins_customer) return []
  const customer = { customerId: row.customer_id, displayName: null, createdAt: row.created_at }
  const data = customerCreatedData(source.tenant_id, customer)
  return [{ type: 'customer.created', logIndex: row.log_index, createdAt, data }]
}

function verifiedEvent(
  { source, wants }: Rendering,
  row: EventDelta,
  verifiedAt: Timestamp,
  tlogProof: string,
): EntryEvent[] {
  if (!wants('delta.verified')) return []
  const { consumed } = row
  const data = deltaVerifiedData({
    delta: deltaOfRow(row),
    verifiedAt,
    tlogProof,
    periodStartBalance: row.period_start_balance === null ? ZERO : amountOfNumeric(row.period_start_balance),
    usage: {
      consumed,
      allowed: source.writes_allowed && (!source.is_capped || consumed < (source.included ?? consumed + 1)),
    },
  })
  return [{ type: 'delta.verified', logIndex: row.log_index, createdAt: verifiedAt, data }]
}

/** The delta whose verification passed a share of the plan tells so. */
function usageEvents({ source }: Rendering, row: EventDelta, createdAt: Timestamp): EntryEvent[] {
  const { included } = source
  if (included === null || included === 0) return []
  return USAGE_THRESHOLDS.filter((threshold) => {
    const limit = Math.ceil((included * threshold) / 100)
    return row.consumed_before < limit && row.consumed >= limit
  }).map((threshold) => ({
    type: 'usage.threshold',
    logIndex: row.log_index,
    detail: `/${threshold}`,
    createdAt,
    data: usageThresholdData({
      threshold,
      consumed: row.consumed,
      included,
      period: source.is_capped ? null : periodOf(row.created_at),
    }),
  }))
}

/** A write of the Advanced API tells of itself beside the delta that it is. */
function writeEvent(row: EventDelta, createdAt: Timestamp): EntryEvent[] {
  if (!isWrite(row)) return []
  const data = writeVerifiedData(deltaOfRow(row), createdAt)
  return [{ type: 'verification.completed', logIndex: row.log_index, createdAt, data }]
}

/** Every anchored head tells of the deltas that it made verified, at its last entry. */
async function storedEvents(rendering: Rendering): Promise<readonly EntryEvent[]> {
  const { tx, tenantNo, from, to, wants } = rendering
  if (!wants('delta.stored')) return []
  const stretches = await selectStoredStretches(tx, tenantNo, from, to)
  return stretches.map((stretch) => ({
    type: 'delta.stored',
    logIndex: stretch.size - 1,
    createdAt: stretch.anchored_at,
    data: deltaStoredData({
      startIndex: stretch.start_index,
      count: stretch.count,
      firstCreatedAt: stretch.first_created_at,
      verifiedAt: stretch.anchored_at,
    }),
  }))
}

const OTHER_EVENTS: readonly WebhookEventType[] = ['checkpoint.verified', 'fact.verified']

/** Checkpoints and facts. A void tells nothing. */
async function otherEvents(rendering: Rendering): Promise<readonly EntryEvent[]> {
  const { tx, tenantNo, from, to, wants, heads } = rendering
  if (!OTHER_EVENTS.some(wants)) return []
  const entries = [...(await selectOtherEntries(tx, tenantNo, from, to)).values()]
  return entries.flatMap((entry): EntryEvent[] => {
    const logIndex = entry.row.log_index
    const createdAt = headOver(heads, logIndex).anchored_at
    if (entry.kind === 'fact' && wants('fact.verified')) {
      return [{ type: 'fact.verified', logIndex, createdAt, data: factVerifiedData(entry, createdAt) }]
    }
    if (entry.kind === 'checkpoint' && wants('checkpoint.verified')) {
      return [{ type: 'checkpoint.verified', logIndex, createdAt, data: checkpointVerifiedData(entry.row) }]
    }
    return []
  })
}

/** The proof of each row under the first head that covers it. */
async function proofsOf({ tx, tenantNo, heads }: Rendering, rows: readonly EventDelta[]): Promise<string[]> {
  const proofs: string[] = []
  for (let done = 0; done < rows.length; done = proofs.length) {
    const head = headOver(heads, rows[done]?.log_index ?? 0)
    const covered = rows.slice(done).filter(({ log_index }) => log_index < head.size)
    proofs.push(...(await buildDeltaProofs(tx, tenantNo, head, covered.map(deltaOfRow))))
  }
  return proofs
}

function headOver(heads: readonly AnchoredHead[], logIndex: number): AnchoredHead {
  const head = heads.find(({ size }) => size > logIndex)
  if (head === undefined) throw new Error(`no anchored head covers entry ${logIndex}`)
  return head
}
