import { equalBytes } from '@pacspace/proofs/bytes'
import { compactRange, rangeRoot } from '@pacspace/proofs/compact-range'
import { sha256 } from '@pacspace/proofs/sha256'
import type { Db } from '@pacspace/service/postgres'
import { newCustomerEnd, recompute } from '../anchors/front-door.ts'
import { hashesIn } from '../proofs/front-door.ts'
import { checkBatches } from './check-batches.ts'
import { type CustomerFacts, checkCustomers, type WalkedCustomers } from './check-customers.ts'
import { type AnchorsSeen, checkAnchor, checkAnchorings, checkNotes } from './check-notes.ts'
import { type Find, finding } from './finding.ts'
import { type CheckedLog, selectNotes, selectRows, selectTiles } from './fsck.sql.ts'
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

/** Re-derives one tenant's log and compares; see `fsck`. After a bad row nothing else of the log can be judged. */
export async function checkLog(db: Db, anchors: AnchorsSeen, log: CheckedLog): Promise<CheckedCounts> {
  const findings: string[] = []
  const find: Find = (table, row, text) => findings.push(finding(table, log.tenant_public_id, row, text))
  const notes = await selectNotes(db, log.tenant_id)
  const wanted = new Set([...notes.map((note) => note.size), log.tree_size])
  const rebuilt = new RebuiltLog(wanted)
  const walked = await walkRows(db, log, rebuilt, find)
  checkHeads(log, rebuilt, walked, find)
  let tiles = 0
  if (findings.length === 0) {
    await checkNotes(log, notes, rebuilt, find)
    if (!log.is_provisioning) {
      await checkAnchorings(db, log, notes, find)
      await checkAnchor(anchors, log, notes, find)
    }
    tiles = await checkTiles(db, log, rebuilt, find)
    await checkCustomers(db, log, walked, find)
    await checkBatches(db, log, find)
  }
  return { deltas: rebuilt.size, customers: walked.all.size, notes: notes.length, tiles, findings }
}

interface WalkedRows extends WalkedCustomers {
  readonly lastCreatedAt: CheckedLog['last_created_at']
}

async function walkRows(db: Db, log: CheckedLog, rebuilt: RebuiltLog, find: Find): Promise<WalkedRows> {
  const all = new Map<number, CustomerFacts>()
  let verified: ReadonlyMap<number, CustomerFacts> = new Map()
  let lastCreatedAt: CheckedLog['last_created_at'] = null
  for (;;) {
    const from = rebuilt.size
    if (from === log.verified_size) verified = new Map(all)
    // A chunk ends at the verified size, so that the ends at that very place can be kept.
    const limit = from < log.verified_size ? Math.min(ROWS_AT_ONCE, log.verified_size - from) : ROWS_AT_ONCE
    const rows = await selectRows(db, log.tenant_id, from, limit)
    const unreadable = rows.findIndex((row) => !row.is_readable)
    const endOf = (customerNo: number) => all.get(customerNo)?.end
    const recomputed = recompute(
      unreadable < 0 ? rows : rows.slice(0, unreadable),
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
    if (unreadable >= 0) {
      find('delta', `log_index ${rows[unreadable]?.log_index}`, 'a time or an amount that nobody writes')
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
    log.last_created_at !== null &&
      (walked.lastCreatedAt === null || log.last_created_at === walked.lastCreatedAt),
    'log_head',
    `last_created_at ${log.last_created_at ?? 'of a form that nobody writes'}, but the last row has ${walked.lastCreatedAt}`,
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
  expect(log.blocked_code === null, 'verify_state', `the log is blocked: ${log.blocked_code}`)
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
