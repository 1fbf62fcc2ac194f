import { amountOfNumeric, formatAmount } from '@pacspace/api/amount'
import { isPeriod, periodBounds } from '@pacspace/api/timestamp'
import { equalBytes } from '@pacspace/proofs/bytes'
import { toHex } from '@pacspace/proofs/hex'
import { logLeaf } from '@pacspace/proofs/log-entry'
import { sha256Text } from '@pacspace/proofs/sha256'
import { type Db, isUnavailable } from '@pacspace/service/postgres'
import { selectPartsInOrder, totalOf } from '../checkpoints/front-door.ts'
import {
  checkpointIdOf,
  entryOf,
  type OtherEntry,
  type StoredCheckpoint,
  type StoredCut,
  type StoredFact,
  type StoredVoid,
} from '../ledger/front-door.ts'
import { selectCut } from './checkpoints.sql.ts'
import { judgeFigures } from './judge-figures.ts'
import { judgeVoid } from './judge-void.ts'
import type { ProvedTree } from './proved-rows.ts'
import { type JudgedEntry, SOUND } from './recompute.ts'
import { VerifiedDataDamaged } from './verified-end.ts'

/**
 * Looks at the entries of a stretch of the log that are no deltas: derives each again from its content, and checkpoints from
 * the rows below their cuts, for `recompute` to put in their places. A wrong one is told by its texts, and nothing from it
 * on is signed. `tree`: see `readProvedRows`. Throws VerifiedDataDamaged.
 */
export async function judgeEntries(
  db: Db,
  tenantNo: number,
  tree: ProvedTree | null,
  others: ReadonlyMap<number, OtherEntry>,
): Promise<Map<number, JudgedEntry>> {
  const judged = new Map<number, JudgedEntry>()
  for (const [logIndex, other] of others) judged.set(logIndex, await judgeEntry(db, tenantNo, tree, other))
  return judged
}

/** A value that no append could have written makes the derivation itself throw: a discrepancy like any other. */
async function judgeEntry(
  db: Db,
  tenantNo: number,
  tree: ProvedTree | null,
  other: OtherEntry,
): Promise<JudgedEntry> {
  const createdAt = other.row.created_at
  try {
    const judged =
      other.kind === 'void'
        ? await ofVoid(db, tenantNo, tree, other.row)
        : { texts: await textsOf(db, tenantNo, tree, other) }
    return { ...judged, leaf: logLeaf(entryOf(other)), createdAt }
  } catch (error) {
    if (error instanceof VerifiedDataDamaged || isUnavailable(error)) throw error
    return { leaf: new Uint8Array(), createdAt, texts: [`holds what no append writes: ${String(error)}`] }
  }
}

async function textsOf(
  db: Db,
  tenantNo: number,
  tree: ProvedTree | null,
  other: Exclude<OtherEntry, { readonly kind: 'void' }>,
): Promise<readonly string[]> {
  switch (other.kind) {
    case 'fact':
      return factDifferences(other.row)
    case 'checkpoint':
      return other.row.customer_no === null
        ? ofAllCustomers(db, tenantNo, tree, other.row)
        : ofOneCustomer(db, tenantNo, tree, other.row)
  }
}

/** Whether a delta that it took away could have stood there is told by the customer's ledger up to its place: `recompute`. */
async function ofVoid(
  db: Db,
  tenantNo: number,
  tree: ProvedTree | null,
  row: StoredVoid,
): Promise<Pick<JudgedEntry, 'texts' | 'tookAway'>> {
  const { texts, kept } = judgeVoid(row)
  if (texts.length > 0 || kept === null) return { texts }
  if (kept.kind === 'delta') return { texts, tookAway: kept.row }
  if (kept.row.customer_no === null) return { texts: ['kept: a checkpoint of all customers'] }
  return { texts: (await isSoundCheckpoint(db, tenantNo, tree, kept.row)) ? [SOUND] : [] }
}

async function isSoundCheckpoint(
  db: Db,
  tenantNo: number,
  tree: ProvedTree | null,
  row: StoredCheckpoint,
): Promise<boolean> {
  try {
    return (await ofOneCustomer(db, tenantNo, tree, row)).length === 0
  } catch (error) {
    if (error instanceof VerifiedDataDamaged || isUnavailable(error)) throw error
    return false // holds what no append writes
  }
}

function factDifferences(row: StoredFact): string[] {
  const hash = sha256Text(row.content)
  if (equalBytes(hash, row.content_hash)) return []
  return [`content_hash: stored ${toHex(row.content_hash)}, expected ${toHex(hash)}`]
}

async function ofOneCustomer(
  db: Db,
  tenantNo: number,
  tree: ProvedTree | null,
  row: StoredCheckpoint,
): Promise<readonly string[]> {
  const { customer_no, customer_id } = row
  if (customer_no === null || customer_id === null) return ['customer_no: there is no such customer']
  const texts = cutDifferences(row)
  if (row.cut_size !== row.log_index)
    texts.push(`cut_size: stored ${row.cut_size}, expected ${row.log_index}`)
  if (row.cut_at !== row.created_at)
    texts.push(`created_at: stored ${row.created_at}, expected ${row.cut_at}`)
  const wrong = await judgeFigures(db, tenantNo, tree, row, [{ ...row, customer_no, customer_id }])
  return [...texts, ...(wrong.get(customer_no) ?? [])]
}

/**
 * The parts were held against the ledger before the entry was appended (`check-cuts.ts`), and are by fsck and the scrubber:
 * here the entry is held against cut and parts, and in the worker (`tree`) against the root that it came to itself.
 */
async function ofAllCustomers(
  db: Db,
  tenantNo: number,
  tree: ProvedTree | null,
  row: StoredCheckpoint,
): Promise<readonly string[]> {
  const cut = await selectCut(db, tenantNo, row.nonce)
  if (cut === undefined) return ['nonce: there is no such cut']
  const texts: string[] = []
  const expect = (column: string, stored: unknown, expected: unknown) => {
    if (stored !== expected) texts.push(`${column}: stored ${String(stored)}, expected ${String(expected)}`)
  }
  if (checkpointIdOf(row) !== checkpointIdOf(cut))
    texts.push('cut_size, cut_at, mode, fingerprints, key_digest: not the cut’s')
  for (const column of ['start_at', 'end_at', 'period', 'closed'] as const)
    expect(column, row[column], cut[column])
  if (row.cut_at > row.created_at)
    texts.push(`created_at: stored ${row.created_at}, expected ≥ ${row.cut_at}`)
  const total = totalOf(await selectPartsInOrder(db, tenantNo, row.nonce))
  const decimal = (numeric: string) => formatAmount(amountOfNumeric(numeric))
  expect('from_seq', row.from_seq, null)
  expect('to_seq', row.to_seq, null)
  expect('items_root', row.items_root, null)
  expect('deltas_count', row.deltas_count, total.deltasCount)
  expect('starting_balance', decimal(row.starting_balance), total.startingBalance)
  expect('net_change', decimal(row.net_change), total.netChange)
  expect('ending_balance', decimal(row.ending_balance), total.endingBalance)
  expect('proof_root', toHex(row.proof_root), toHex(total.proofRoot))
  if (tree !== null && (cut.checked_root === null || !equalBytes(cut.checked_root, row.proof_root)))
    texts.push('proof_root: not the one that was computed from the ledger')
  return texts
}

/** What a cut must say of its scope: a period is its month, and closed is what ends before the cut. */
export function cutDifferences(cut: StoredCut): string[] {
  const texts: string[] = []
  const { period, start_at, end_at } = cut
  const bounds = period !== null && isPeriod(period) ? periodBounds(period) : undefined
  if (period !== null && (bounds?.start !== start_at || bounds?.end !== end_at))
    texts.push('period: not the month of start_at and end_at')
  const closed = end_at !== null && end_at <= cut.cut_at
  if (cut.closed !== closed) texts.push(`closed: stored ${cut.closed}, expected ${closed}`)
  return texts
}
