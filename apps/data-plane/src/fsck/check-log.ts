import { amountOfNumeric, formatAmount } from '@pacspace/api/amount'
import { equalBytes } from '@pacspace/proofs/bytes'
import { compactRange, rangeRoot } from '@pacspace/proofs/compact-range'
import { toHex } from '@pacspace/proofs/hex'
import { verifyLogCheckpoint } from '@pacspace/proofs/log-proof'
import { sha256 } from '@pacspace/proofs/sha256'
import { formatVerifierKey, verifierKey } from '@pacspace/proofs/verifier-key'
import type { Db } from '@pacspace/service/postgres'
import type { FileAnchor } from '../anchors/front-door.ts'
import { newCustomerEnd, recompute, type VerifiedEnd } from '../anchors/front-door.ts'
import { hashesIn } from '../proofs/front-door.ts'
import {
  type CheckedLog,
  type CheckedNote,
  selectBatches,
  selectCustomers,
  selectNotes,
  selectRows,
  selectTiles,
} from './fsck.sql.ts'
import { RebuiltLog } from './rebuilt-log.ts'

/** Rows and tiles read at once. */
const ROWS_AT_ONCE = 2_000
const TILES_AT_ONCE = 64

export interface CheckedCounts {
  readonly deltas: number
  readonly customers: number
  readonly notes: number
  readonly tiles: number
  readonly findings: readonly string[]
}

type Find = (table: string, row: string, text: string) => void

interface CustomerFacts {
  readonly firstIndex: number
  readonly end: VerifiedEnd
  readonly lastIndex: number
}

/** Re-derives one tenant's log and compares; see `fsck`. After a bad row nothing else of the log can be judged. */
export async function checkLog(
  db: Db,
  fileAnchor: Pick<FileAnchor, 'peek'>,
  log: CheckedLog,
): Promise<CheckedCounts> {
  const findings: string[] = []
  const find: Find = (table, row, text) =>
    findings.push(`${table}: tenant ${log.tenant_public_id}, ${row}: ${text}`)
  const notes = await selectNotes(db, log.tenant_id)
  const wanted = new Set([...notes.map((note) => note.size), log.tree_size])
  const rebuilt = new RebuiltLog(wanted)
  const walked = await walkRows(db, log, rebuilt, find)
  checkHeads(log, rebuilt, walked, find)
  let tiles = 0
  if (findings.length === 0) {
    await checkNotes(log, notes, rebuilt, find)
    await checkAnchor(fileAnchor, log, notes, find)
    tiles = await checkTiles(db, log, rebuilt, find)
    await checkCustomers(db, log, walked, find)
    await checkBatches(db, log, find)
  }
  return { deltas: rebuilt.size, customers: walked.all.size, notes: notes.length, tiles, findings }
}

interface WalkedRows {
  readonly all: ReadonlyMap<number, CustomerFacts>
  /** The same as they were at the verified size. */
  readonly verified: ReadonlyMap<number, CustomerFacts>
  readonly lastCreatedAt: CheckedLog['last_created_at'] | null
}

async function walkRows(db: Db, log: CheckedLog, rebuilt: RebuiltLog, find: Find): Promise<WalkedRows> {
  const all = new Map<number, CustomerFacts>()
  let verified: ReadonlyMap<number, CustomerFacts> = new Map()
  let lastCreatedAt: CheckedLog['last_created_at'] | null = null
  for (;;) {
    const from = rebuilt.size
    if (from === log.verified_size) verified = new Map(all)
    // A chunk ends at the verified size, so that the ends at that very place can be kept.
    const limit = from < log.verified_size ? Math.min(ROWS_AT_ONCE, log.verified_size - from) : ROWS_AT_ONCE
    const rows = await selectRows(db, log.tenant_id, from, limit)
    const endOf = (customerNo: number) => all.get(customerNo)?.end
    const recomputed = recompute(
      rows,
      from,
      (row) => endOf(row.customer_no) ?? newCustomerEnd(row.customer_no, row.customer_id),
      lastCreatedAt,
    )
    for (const [offset, leaf] of recomputed.leaves.entries()) {
      rebuilt.add(leaf)
      const customerNo = rows[offset]?.customer_no ?? 0
      const end = recomputed.ends.get(customerNo)
      const firstIndex = all.get(customerNo)?.firstIndex ?? from + offset
      if (end !== undefined) all.set(customerNo, { firstIndex, end, lastIndex: from + offset })
    }
    lastCreatedAt = recomputed.lastCreatedAt
    if (recomputed.discrepancy !== null) {
      find('delta', `log_index ${recomputed.discrepancy.logIndex}`, recomputed.discrepancy.texts.join('; '))
      return { all, verified, lastCreatedAt }
    }
    if (rows.length === 0) return { all, verified, lastCreatedAt }
  }
}

function checkHeads(log: CheckedLog, rebuilt: RebuiltLog, walked: WalkedRows, find: Find): void {
  const expect = (holds: boolean, table: string, text: string) => {
    if (!holds) find(table, 'head', text)
  }
  expect(log.log_size === rebuilt.size, 'log_head', `size ${log.log_size}, but ${rebuilt.size} good rows`)
  expect(
    log.delta_count === rebuilt.size,
    'log_head',
    `delta_count ${log.delta_count}, but ${rebuilt.size} deltas`,
  )
  expect(
    log.customer_count === walked.all.size,
    'log_head',
    `customer_count ${log.customer_count}, but ${walked.all.size} customers`,
  )
  expect(
    walked.lastCreatedAt === null || log.last_created_at === walked.lastCreatedAt,
    'log_head',
    `last_created_at ${log.last_created_at}, but the last row has ${walked.lastCreatedAt}`,
  )
  expect(
    log.tree_size <= log.log_size,
    'tree_head',
    `size ${log.tree_size} is past the log's ${log.log_size}`,
  )
  expect(
    log.verified_size <= log.tree_size,
    'verified_head',
    `size ${log.verified_size} is past the tree's ${log.tree_size}`,
  )
  expect(
    log.first_failed_index === null,
    'verify_state',
    `a failure at log index ${log.first_failed_index} is open`,
  )
  const root = rebuilt.rootAt.get(log.tree_size)
  expect(root !== undefined && equalBytes(root, log.tree_root), 'tree_head', 'root is not that of the rows')
  const peaks = hashesIn(log.peaks)
  const isRange =
    log.tree_size === 0 ? peaks.length === 0 : root !== undefined && rangeEquals(log.tree_size, peaks, root)
  expect(isRange, 'tree_head', 'peaks do not lead to the root')
}

function rangeEquals(size: number, peaks: readonly Uint8Array[], root: Uint8Array): boolean {
  try {
    return equalBytes(rangeRoot(compactRange(size, peaks)), root)
  } catch {
    // Wrong number of peaks for the size.
    return false
  }
}

async function checkNotes(
  log: CheckedLog,
  notes: readonly CheckedNote[],
  rebuilt: RebuiltLog,
  find: Find,
): Promise<void> {
  const logKeys = [formatVerifierKey(verifierKey(log.origin, log.public_key))]
  for (const note of notes) {
    const row = `size ${note.size}`
    const root = rebuilt.rootAt.get(note.size)
    if (root === undefined || !equalBytes(root, note.root))
      find('log_note', row, 'root is not that of the rows')
    try {
      const { checkpoint } = await verifyLogCheckpoint(note.note, { logKeys })
      const isSame = checkpoint.size === note.size && equalBytes(checkpoint.root, note.root)
      if (!isSame || checkpoint.origin !== log.origin) find('log_note', row, 'the note says something else')
    } catch (error) {
      find('log_note', row, `the note is not signed by the log: ${String(error)}`)
    }
    if (!note.is_anchored && note.size === log.verified_size)
      find('log_anchor', row, 'verified, but not anchored')
  }
  const sizes = new Set(notes.map((note) => note.size))
  for (const size of [log.tree_size, log.verified_size]) {
    if (!sizes.has(size)) find('log_note', `size ${size}`, 'no signed head of a size that a head claims')
  }
}

async function checkAnchor(
  fileAnchor: Pick<FileAnchor, 'peek'>,
  log: CheckedLog,
  notes: readonly CheckedNote[],
  find: Find,
): Promise<void> {
  const anchored = await fileAnchor.peek(log.log_id)
  if (anchored === undefined) {
    find('anchor', 'journal', 'holds nothing of this log')
    return
  }
  if (anchored.size < log.verified_size) {
    find('anchor', 'journal', `ends at size ${anchored.size}, but ${log.verified_size} is called verified`)
  }
  const note = notes.find((one) => one.size === anchored.size)
  if (note === undefined || !equalBytes(note.root, anchored.root)) {
    find('anchor', 'journal', `holds a head of size ${anchored.size} that the database does not have`)
  }
}

async function checkTiles(db: Db, log: CheckedLog, rebuilt: RebuiltLog, find: Find): Promise<number> {
  const missing = new Set([...rebuilt.tiles.keys()].filter((key) => isInTree(key, log.tree_size)))
  let count = 0
  for (;;) {
    const tiles = await selectTiles(db, log.tenant_id, TILES_AT_ONCE, count)
    for (const tile of tiles) {
      const key = `${tile.level}/${tile.tile_index}`
      const expected = rebuilt.tiles.get(key)
      if (!missing.delete(key)) find('log_tile', key, 'is past the tree')
      else if (expected === undefined || !equalBytes(expected.root, tile.root))
        find('log_tile', key, 'root is wrong')
      else if (!equalBytes(expected.digest, sha256(tile.hashes))) find('log_tile', key, 'hashes are wrong')
    }
    count += tiles.length
    if (tiles.length === 0) break
  }
  for (const key of missing) find('log_tile', key, 'is missing')
  return count
}

/** True for a full tile of a tree of `size` leaves. */
function isInTree(key: string, size: number): boolean {
  const [level = 0, index = 0] = key.split('/').map(Number)
  return (index + 1) * 256 ** (level + 1) <= size
}

async function checkCustomers(db: Db, log: CheckedLog, walked: WalkedRows, find: Find): Promise<void> {
  const seen = new Set<number>()
  for (const row of await selectCustomers(db, log.tenant_id)) {
    const name = `customer ${row.customer_no}`
    const facts = walked.all.get(row.customer_no)
    seen.add(row.customer_no)
    if (facts === undefined) find('customer', name, 'has no delta')
    else if (facts.firstIndex !== row.first_index)
      find('customer', name, `first_index should be ${facts.firstIndex}`)
    const verified = walked.verified.get(row.customer_no)
    if (verified === undefined) {
      if (row.verified_seq !== null) find('customer_verified', name, 'nothing of it is verified')
      continue
    }
    const isSame =
      row.verified_seq === verified.end.sequenceNumber &&
      row.verified_index === verified.lastIndex &&
      row.verified_balance !== null &&
      amountOfNumeric(row.verified_balance) === verified.end.balance &&
      row.verified_root !== null &&
      equalBytes(row.verified_root, rangeRoot(verified.end.range))
    if (!isSame) {
      const { sequenceNumber, balance, range } = verified.end
      find(
        'customer_verified',
        name,
        `should be seq ${sequenceNumber}, balance ${formatAmount(balance)}, root ${toHex(rangeRoot(range))}`,
      )
    }
  }
  for (const customerNo of walked.all.keys()) {
    if (!seen.has(customerNo)) find('customer', `customer ${customerNo}`, 'is missing')
  }
}

async function checkBatches(db: Db, log: CheckedLog, find: Find): Promise<void> {
  for (const batch of await selectBatches(db, log.tenant_id)) {
    const row = `first_index ${batch.first_index}`
    if (batch.rows_there !== batch.row_count) find('batch_request', row, 'claims rows that are not there')
    if (batch.first_key_digest === null || !equalBytes(batch.first_key_digest, batch.key_digest)) {
      find('batch_request', row, 'its key is not the one in its first row')
    }
    if (!Array.isArray(parseJson(batch.unwritten))) find('batch_request', row, 'unwritten is no list')
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: no list either.
    return undefined
  }
}
