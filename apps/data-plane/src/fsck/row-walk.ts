import type { Timestamp } from '@pacspace/api/timestamp'
import { equalBytes } from '@pacspace/proofs/bytes'
import { verifyLogCheckpoint } from '@pacspace/proofs/log-proof'
import { formatVerifierKey, verifierKey } from '@pacspace/proofs/verifier-key'
import type { Db } from '@pacspace/service/postgres'
import { LRUCache } from 'lru-cache'
import {
  type JudgedEntry,
  judgeEntries,
  MISSING,
  newCustomerEnd,
  type Recomputed,
  readEndInTree,
  readVerifiedEnd,
  recompute,
  VerifiedDataDamaged,
  type VerifiedEnd,
} from '../anchors/front-door.ts'
import type { StoredDelta } from '../ledger/front-door.ts'
import { checkRequests } from './check-requests.ts'
import type { Finding } from './finding.ts'
import {
  type CheckedLog,
  type CheckedNote,
  type CheckedRow,
  selectFalseAnchorings,
  selectNotes,
  selectTilesAt,
} from './fsck.sql.ts'
import { readStretch, type Stretch, UNREADABLE } from './read-stretch.ts'
import { equalTiles, RebuiltLog, type RebuiltTile } from './rebuilt-log.ts'

/** A stretch of rows that was derived again. */
export interface WalkedRows {
  readonly findings: readonly Finding[]
  readonly notes: number
  readonly tiles: number
  /** Where the walk stands after it; undefined where a row is damaged, on which nothing can be built. */
  readonly after: WalkState | undefined
}

interface WalkState {
  readonly tree: RebuiltLog
  readonly ends: ReadonlyMap<number, VerifiedEnd>
  readonly lastCreatedAt: Timestamp | null
}

/** By customer number. */
interface EndMemory {
  get(customerNo: number): VerifiedEnd | undefined
  set(customerNo: number, end: VerifiedEnd): unknown
}

/** Below every place in a log: the first stretch takes what is said of places that are none, too. */
const BELOW_ALL = -(2 ** 52)

/**
 * Derives a log again from its first row on: rows → records → leaves → customers' trees and nodes → entries → log tree →
 * tiles → signed heads. Believes nothing that is stored, and shares only `packages/proofs` with append. A stretch is one
 * snapshot; rows are never changed, so stretches of different snapshots fit together.
 */
export class RowWalk {
  readonly #log: CheckedLog
  readonly #ends: EndMemory
  readonly #mayReadEnds: boolean
  #tree = RebuiltLog.EMPTY
  #lastCreatedAt: Timestamp | null = null

  /**
   * `customersMax`: ends of ledgers that are remembered; others are read back and proved against the tree that was
   * derived, which needs its tiles. Default: all, and nothing is read back.
   */
  constructor(log: CheckedLog, customersMax?: number) {
    this.#log = log
    this.#ends =
      customersMax === undefined ? new Map<number, VerifiedEnd>() : new LRUCache({ max: customersMax })
    this.#mayReadEnds = customersMax !== undefined
  }

  /** Rows that were derived again. */
  get size(): number {
    return this.#tree.size
  }

  /** Derives the rows from `size` up to `to`, which must be there. Tiles are expected below `treeSize`. Changes nothing. */
  async check(db: Db, to: number, treeSize: number): Promise<WalkedRows> {
    const tenantNo = this.#log.tenant_id
    const from = this.size
    const stretch = await readStretch(db, tenantNo, from, to)
    const recomputed = await this.#recompute(db, stretch, to)
    if (recomputed.discrepancy !== null) {
      const { logIndex, texts } = recomputed.discrepancy
      const table = stretch.others.get(logIndex)?.kind ?? 'delta'
      const finding = { table, row: `log_index ${logIndex}`, text: texts.join('; '), logIndex }
      return { findings: [finding], notes: 0, tiles: 0, after: undefined }
    }
    const notes = await selectNotes(db, tenantNo, from === 0 ? BELOW_ALL : from, to)
    const grown = this.#tree.grow(recomputed.leaves, new Set(notes.map(({ size }) => size)))
    const tiles = grown.tiles.filter((tile) => endOfTile(tile) <= treeSize)
    const findings = [
      ...(await this.#checkNotes(notes, grown.rootAt)),
      ...(await checkTiles(db, tenantNo, tiles)),
      ...(await checkAnchorings(db, tenantNo, from, to)),
      ...(await checkRequests(db, tenantNo, from === 0 ? BELOW_ALL : from, to)),
    ]
    const after = { tree: grown.log, ends: recomputed.ends, lastCreatedAt: recomputed.lastCreatedAt }
    return { findings, notes: notes.length, tiles: tiles.length, after }
  }

  /** Goes on behind a stretch. */
  accept({ tree, ends, lastCreatedAt }: WalkState): void {
    this.#tree = tree
    this.#lastCreatedAt = lastCreatedAt
    for (const [customerNo, end] of ends) this.#ends.set(customerNo, end)
  }

  async #recompute(db: Db, { rows, others, unreadable }: Stretch, to: number): Promise<Recomputed> {
    let before: ReadonlyMap<number, VerifiedEnd>
    let judged: ReadonlyMap<number, JudgedEntry>
    try {
      // What they are judged by was derived in this walk.
      judged = await judgeEntries(db, this.#log.tenant_id, null, others)
      before = await this.#endsBefore(db, rows, judged)
    } catch (error) {
      if (!(error instanceof VerifiedDataDamaged)) throw error
      return failedAt(error.logIndex, error.message)
    }
    const endOf = (row: StoredDelta) =>
      before.get(row.customer_no) ?? newCustomerEnd(row.customer_no, row.customer_id)
    const recomputed = recompute(rows, this.size, endOf, this.#lastCreatedAt, judged)
    if (recomputed.discrepancy !== null) return recomputed
    const end = this.size + recomputed.leaves.length
    if (end < to) return failedAt(end, end === unreadable ? UNREADABLE : MISSING)
    return recomputed
  }

  async #endsBefore(
    db: Db,
    rows: readonly CheckedRow[],
    judged: ReadonlyMap<number, JudgedEntry>,
  ): Promise<ReadonlyMap<number, VerifiedEnd>> {
    const tenantNo = this.#log.tenant_id
    const ends = new Map<number, VerifiedEnd>()
    const seen = new Set<number>()
    const tree = { size: this.size, root: this.#tree.root }
    const keep = async (customerNo: number, read: () => Promise<VerifiedEnd | undefined>) => {
      if (seen.has(customerNo)) return
      seen.add(customerNo)
      const known = this.#ends.get(customerNo)
      const end = known === undefined && this.#mayReadEnds ? await read() : known
      if (end !== undefined) ends.set(customerNo, end)
    }
    // What a void took away claims nothing: the end of its customer is looked for, whatever rows behind it say.
    for (const { tookAway } of judged.values()) {
      if (tookAway === undefined) continue
      const customerNo = tookAway.customer_no
      await keep(customerNo, () => readEndInTree(db, tenantNo, tree, customerNo))
    }
    for (const { customer_no: customerNo, seq } of rows)
      await keep(customerNo, async () =>
        seq > 1 ? readVerifiedEnd(db, tenantNo, tree, customerNo, seq - 1) : undefined,
      )
    return ends
  }

  async #checkNotes(
    notes: readonly CheckedNote[],
    rootAt: ReadonlyMap<number, Uint8Array>,
  ): Promise<Finding[]> {
    const findings: Finding[] = []
    for (const note of notes) {
      const root = rootAt.get(note.size)
      const texts = root !== undefined && equalBytes(root, note.root) ? [] : ['root: not that of the rows']
      texts.push(...(await noteTexts(this.#log, note)))
      const row = `size ${note.size}`
      findings.push(...texts.map((text) => ({ table: 'log_note', row, text, logIndex: note.previous_size })))
    }
    return findings
  }
}

/** What is wrong with a signed head beside its root: nothing, or that it says or is signed something else. */
export async function noteTexts(
  log: CheckedLog,
  note: { readonly size: number; readonly root: Uint8Array; readonly note: string },
): Promise<string[]> {
  try {
    const logKeys = [formatVerifierKey(verifierKey(log.origin, log.public_key))]
    const { checkpoint } = await verifyLogCheckpoint(note.note, { logKeys })
    const isSame =
      checkpoint.size === note.size &&
      checkpoint.origin === log.origin &&
      equalBytes(checkpoint.root, note.root)
    return isSame ? [] : ['note: says something else than its row']
  } catch (error) {
    return [`note: not signed by the log: ${String(error)}`]
  }
}

function failedAt(logIndex: number, text: string): Recomputed {
  return { leaves: [], ends: new Map(), lastCreatedAt: null, discrepancy: { logIndex, texts: [text] } }
}

function endOfTile({ level, index }: { readonly level: number; readonly index: number }): number {
  return (index + 1) * 256 ** (level + 1)
}

async function checkTiles(db: Db, tenantNo: number, tiles: readonly RebuiltTile[]): Promise<Finding[]> {
  if (tiles.length === 0) return []
  const stored = new Map(
    (await selectTilesAt(db, tenantNo, tiles)).map((tile) => [`${tile.level}/${tile.index}`, tile]),
  )
  return tiles.flatMap((tile) => {
    const row = `${tile.level}/${tile.index}`
    const found = stored.get(row)
    if (found !== undefined && equalTiles(found, tile)) return []
    const column = found !== undefined && equalBytes(found.root, tile.root) ? 'hashes' : 'root'
    const text = found === undefined ? 'the row is missing' : `${column}: not that of the rows`
    return [{ table: 'log_tile', row, text, logIndex: tile.index * 256 ** (tile.level + 1) }]
  })
}

async function checkAnchorings(db: Db, tenantNo: number, from: number, to: number): Promise<Finding[]> {
  const found = await selectFalseAnchorings(db, tenantNo, from === 0 ? BELOW_ALL : from, to)
  return found.map(({ size, level }) => ({
    table: 'log_anchor',
    row: `size ${size}, level ${level}`,
    text: level === 'file' ? 'size: there is no signed head of it' : 'level: no such anchor was reached',
    logIndex: from,
  }))
}
