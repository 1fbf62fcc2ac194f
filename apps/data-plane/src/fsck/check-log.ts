import { equalBytes } from '@pacspace/proofs/bytes'
import type { Db } from '@pacspace/service/postgres'
import type { FileAnchor } from '../anchors/front-door.ts'
import { checkCutsOf } from './check-cuts.ts'
import { checkHeads, type NewestHead } from './check-heads.ts'
import { BEFORE_ALL_TOTALS, checkTotalsAfter } from './check-totals.ts'
import type { Finding } from './finding.ts'
import {
  type CheckedLog,
  selectCustomers,
  selectFalseBuckets,
  selectHeads,
  selectNotesAt,
} from './fsck.sql.ts'
import { RowWalk } from './row-walk.ts'
import type { TotalPlace } from './totals.sql.ts'

/** The anchor, for reading. */
export type ReadAnchor = Pick<FileAnchor, 'peek' | 'readJournal'>

/** Runs statements that all see the database as at one moment. */
export type Snapshot = <T>(work: (db: Db) => Promise<T>) => Promise<T>

export interface CheckOptions {
  readonly snapshot: Snapshot
  readonly anchor: ReadAnchor
  /** How far the rows are walked: all that are there, or those that are called verified when the walk begins. */
  readonly until: 'end' | 'verified'
  readonly rowsAtOnce: number
  /** See `RowWalk`. */
  readonly customersMax?: number
  /** The anchor's newest head, where it was read before the snapshot; else it is read before each page. */
  readonly newestHead?: NewestHead
}

/** A part of a log that was checked. */
export interface CheckedPage {
  readonly findings: readonly Finding[]
  readonly deltas: number
  readonly customers: number
  readonly notes: number
  readonly tiles: number
}

const CUSTOMERS_AT_ONCE = 500
const NOTHING = { findings: [], deltas: 0, customers: 0, notes: 0, tiles: 0 }

/**
 * Re-derives a log page by page and compares: rows and all that grows from them, then customers with their verified ends and sums,
 * the anchor's journal, and the heads. `next(true)` checks the same page again, which is how one waits for a repair;
 * `next(false)` goes on. After a damaged row no further rows can be judged, all else can.
 */
export async function* checkLog(
  log: CheckedLog,
  options: CheckOptions,
): AsyncGenerator<CheckedPage, void, boolean | undefined> {
  yield* checkRows(log, options)
  yield* checkCustomers(log, options)
  yield* checkTotals(log, options)
  yield* checkCheckpoints(log, options)
  yield* checkBuckets(log, options)
  yield* checkJournal(log, options)
  while (yield { ...NOTHING, findings: await checkAllHeads(log, options) });
}

async function* checkRows(
  log: CheckedLog,
  { snapshot, until, rowsAtOnce, customersMax }: CheckOptions,
): AsyncGenerator<CheckedPage, void, boolean | undefined> {
  const walk = new RowWalk(log, customersMax)
  const heads = await snapshot((db) => selectHeads(db, log.tenant_id))
  const end = until === 'end' ? heads.end_index : Math.min(heads.verified_size ?? 0, heads.tree_size ?? 0)
  // The empty log has its signed head too.
  for (let isFirst = true; isFirst || walk.size < end; isFirst = false) {
    const from = walk.size
    const to = Math.min(end, from + rowsAtOnce)
    const { findings, notes, tiles, after } = await snapshot((db) => walk.check(db, to, heads.tree_size ?? 0))
    const isAgain = yield { ...NOTHING, findings, deltas: to - from, notes, tiles }
    if (isAgain) continue
    if (after === undefined) return
    walk.accept(after)
  }
}

async function* checkCustomers(
  log: CheckedLog,
  { snapshot }: CheckOptions,
): AsyncGenerator<CheckedPage, void, boolean | undefined> {
  // Not 0: a damaged number may be anything.
  for (let last = -(2 ** 31) - 1; ; ) {
    const { findings, count, next } = await snapshot((db) => checkCustomersAfter(db, log.tenant_id, last))
    if (count === 0) return
    const isAgain = yield { ...NOTHING, findings, customers: count }
    if (!isAgain) last = next
  }
}

async function checkCustomersAfter(db: Db, tenantNo: number, last: number) {
  const { verified_size } = await selectHeads(db, tenantNo)
  const customers = await selectCustomers(db, tenantNo, last, verified_size ?? 0, CUSTOMERS_AT_ONCE)
  const findings: Finding[] = []
  for (const customer of customers) {
    const row = `customer_no ${customer.customer_no}`
    const logIndex = customer.last_index ?? customer.first_index ?? 0
    const found = (table: string, text: string) => findings.push({ table, row, text, logIndex })
    if (!customer.is_there) found('customer', 'the row is missing')
    else if (!customer.is_first_index)
      found('customer', `first_index: expected ${customer.first_index ?? 'none, it has no delta'}`)
    if (!customer.is_verified_end) {
      found(
        'customer_verified',
        customer.last_seq === null
          ? 'nothing of it is verified'
          : `seq, log_index, items_root, balance: not those of its last verified delta, ${customer.last_seq}`,
      )
    }
  }
  return { findings, count: customers.length, next: customers.at(-1)?.customer_no ?? last }
}

async function* checkTotals(
  log: CheckedLog,
  { snapshot }: CheckOptions,
): AsyncGenerator<CheckedPage, void, boolean | undefined> {
  for (let after: TotalPlace | null = BEFORE_ALL_TOTALS; after !== null; ) {
    const from: TotalPlace = after
    const { findings, next } = await snapshot((db) => checkTotalsAfter(db, log.tenant_id, from))
    const isAgain = yield { ...NOTHING, findings }
    if (!isAgain) after = next
  }
}

async function* checkCheckpoints(
  log: CheckedLog,
  { snapshot }: CheckOptions,
): AsyncGenerator<CheckedPage, void, boolean | undefined> {
  while (yield { ...NOTHING, findings: await snapshot((db) => checkCutsOf(db, log.tenant_id)) });
}

async function* checkBuckets(
  log: CheckedLog,
  { snapshot }: CheckOptions,
): AsyncGenerator<CheckedPage, void, boolean | undefined> {
  const check = async (db: Db): Promise<Finding[]> =>
    (await selectFalseBuckets(db, log.tenant_id)).map(({ key, log_index }) => ({
      table: 'bucket_verified',
      row: `key ${key}`,
      text: 'customer_no, bits, write_count, last_index: not those of its writes',
      logIndex: log_index,
    }))
  while (yield { ...NOTHING, findings: await snapshot(check) });
}

async function* checkJournal(
  log: CheckedLog,
  { snapshot, anchor, newestHead }: CheckOptions,
): AsyncGenerator<CheckedPage, void, boolean | undefined> {
  // What was anchored after the snapshot is not in it.
  const sizeMax =
    newestHead === undefined || newestHead instanceof Error ? Number.POSITIVE_INFINITY : newestHead.size
  for (let start: number | null = 0, previous = 0; start !== null; ) {
    const from: number = start
    const page = await anchor.readJournal(log.log_id, from).catch(asError)
    const heads = page instanceof Error ? [] : page.heads.filter(({ size }) => size <= sizeMax)
    const stored = new Map(
      (
        await snapshot((db) =>
          selectNotesAt(
            db,
            log.tenant_id,
            heads.map(({ size }) => size),
          ),
        )
      ).map((note) => [note.size, note]),
    )
    const findings: Finding[] = []
    const found = (row: string, text: string) =>
      findings.push({ table: 'log_note', row, text, logIndex: previous })
    if (page instanceof Error) found('anchor', page.message)
    for (const head of heads) {
      const note = stored.get(head.size)
      if (note === undefined) found(`size ${head.size}`, 'the row is missing: the anchor holds it')
      else if (!equalBytes(note.root, head.root)) found(`size ${head.size}`, 'root: not the anchored one')
      previous = Math.max(previous, note === undefined ? 0 : head.size)
    }
    const isAgain = yield { ...NOTHING, findings }
    if (!isAgain) start = page instanceof Error ? null : page.next
  }
}

async function checkAllHeads(
  log: CheckedLog,
  { snapshot, anchor, newestHead, until }: CheckOptions,
): Promise<Finding[]> {
  const peek = () => anchor.peek(log.log_id).catch(asError)
  const before = newestHead ?? (await peek())
  const findings = await snapshot((db) => checkHeads(db, log, before, peek))
  // What is known already is fsck's to repeat, not the scrubber's to find.
  return until === 'end' ? findings : findings.filter(({ table }) => table !== 'verify_state')
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
