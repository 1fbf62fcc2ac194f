import { equalBytes } from '@pacspace/proofs/bytes'
import { logLeaf } from '@pacspace/proofs/log-entry'
import { parseSignedHead, verifyLogCheckpoint } from '@pacspace/proofs/log-proof'
import { rootFromInclusion } from '@pacspace/proofs/merkle-proof'
import { assembleProof, planInclusion, planNodes } from '@pacspace/proofs/tree-nodes'
import { formatVerifierKey, verifierKey } from '@pacspace/proofs/verifier-key'
import { type Db, isUnavailable } from '@pacspace/service/postgres'
import type { FileAnchor } from '../anchors/front-door.ts'
import type { LogState } from '../ledger/front-door.ts'
import { readLogNodes } from './log-nodes.ts'
import { selectNote } from './proofs.sql.ts'

/** An entry's way up to the signed head, computed again. */
export interface RecomputedLog {
  /** From the entry's leaf upwards; undefined where it cannot be put together. */
  readonly path: readonly Uint8Array[] | undefined
  /** The signed head of the verified size. */
  readonly note: string | undefined
  /** 32 bytes. */
  readonly root: Uint8Array | undefined
  readonly discrepancies: readonly string[]
}

/**
 * Computes the way of an entry to the root of the verified log again and holds it against the signed head, its signature
 * included. Must run in the snapshot in which `log` was read.
 */
export async function recomputeLog(
  db: Db,
  tenantNo: number,
  log: LogState,
  logIndex: number,
  entry: Uint8Array,
): Promise<RecomputedLog> {
  const note = await selectNote(db, tenantNo, log.verified_size)
  const path = await pathOf(db, tenantNo, logIndex, log.verified_size)
  const discrepancies: string[] = []
  if (note === undefined) discrepancies.push(`the signed head of size ${log.verified_size} is missing`)
  if (path === undefined) discrepancies.push('the tree of the log cannot be put together')
  const head = note === undefined ? undefined : await trustedHead(note, log)
  if (note !== undefined && head === undefined)
    discrepancies.push('the signature of the signed head is wrong')
  if (path !== undefined && head !== undefined) {
    const root = rootFromInclusion(logLeaf(entry), logIndex, log.verified_size, path)
    const isHead = head.size === log.verified_size && root !== undefined && equalBytes(root, head.root)
    if (!isHead) discrepancies.push(`entry a_${logIndex} does not lead to the root of the signed head`)
  }
  return { path, note, root: head?.root, discrepancies }
}

async function pathOf(db: Db, tenantNo: number, logIndex: number, size: number) {
  try {
    const plan = planInclusion(logIndex, size)
    return assembleProof(plan, await readLogNodes(db, tenantNo, size, planNodes(plan)))
  } catch (error) {
    if (isUnavailable(error)) throw error
    return undefined // a tile or row that the path needs is gone, or is not what a tile is
  }
}

/** The head that a note signs with the log's key; undefined where it does not. */
async function trustedHead(note: string, log: Pick<LogState, 'origin' | 'public_key'>) {
  try {
    return (await verifyLogCheckpoint(note, { logKeys: [keyOf(log)] })).checkpoint
  } catch {
    return undefined // MALFORMED or UNTRUSTED: it verifies nothing
  }
}

/** The verifier key of a log, as text. */
export function keyOf({ origin, public_key }: Pick<LogState, 'origin' | 'public_key'>): string {
  return formatVerifierKey(verifierKey(origin, public_key))
}

/**
 * What the anchor says against the database: a head that is smaller than what is verified, or that the database signed with
 * another root. An anchor that cannot be read says nothing; ask it with `source=chain`.
 */
export async function contradictionsOfAnchor(
  db: Db,
  tenantNo: number,
  log: LogState,
  anchor: Pick<FileAnchor, 'peek'>,
): Promise<string[]> {
  const anchored = await anchor.peek(log.log_id).catch(() => undefined)
  if (anchored === undefined) return []
  if (anchored.size < log.verified_size) return ['the anchor holds fewer entries than are verified']
  const note = await selectNote(db, tenantNo, anchored.size)
  // A head may be at the anchor a moment before the database says so.
  if (note === undefined) return []
  const isSame = equalBytes(parseSignedHead(note).checkpoint.root, anchored.root)
  return isSame ? [] : [`the anchor holds another root for size ${anchored.size}`]
}
