import { equalBytes } from '@pacspace/proofs/bytes'
import { decodeEntryBundle } from '@pacspace/proofs/entry-bundle'
import { toHex } from '@pacspace/proofs/hex'
import type { LogCheckpoint } from '@pacspace/proofs/log-checkpoint'
import { ENTRY_BYTES, logEntry, logLeaf } from '@pacspace/proofs/log-entry'
import { verifyLogCheckpoint } from '@pacspace/proofs/log-proof'
import { rootOf } from '@pacspace/proofs/merkle'
import { verifyInclusion } from '@pacspace/proofs/merkle-proof'
import { nodeFromTile, placeOfNode, TILE_WIDTH, tileWidth } from '@pacspace/proofs/tiles'
import { formatTlogProof } from '@pacspace/proofs/tlog-proof'
import { assembleProof, planInclusion, planNodes } from '@pacspace/proofs/tree-nodes'
import type { Db } from '@pacspace/service/postgres'
import type { FileAnchor } from '../anchors/front-door.ts'
import { selectPartsInOrder } from '../checkpoints/front-door.ts'
import type { DataPlaneContext } from '../context.ts'
import { keyOf } from './recompute-log.ts'
import type { RootFinding } from './root-finding.ts'
import { Turns } from './turns.ts'
import {
  type EntryPlace,
  type ScannedLog,
  selectCheckpointPlace,
  selectPartPlace,
  selectRootPlace,
  selectScannedLogs,
} from './verify-root.sql.ts'

/** Logs and entry bundles that one search goes through, newest logs first: 2 million entries, some 70 MB of files. */
const LOGS_MAX = 10_000
const BUNDLES_MAX = 8_000
/** A bundle's entries as they stand in its file, each behind its length. */
const LENGTH_BYTES = 2

type Anchor = Pick<FileAnchor, 'readCheckpoint' | 'readTile'>

/**
 * What the anchors say of a root. The database says where to look, if it knows, and which keys logs sign with; nothing else
 * of it is believed or needed: entry, tree and signed head are read from the anchor and recomputed. Where the database knows
 * of no place, the entry is looked for in every log. Undefined where it is in none.
 */
export async function verifyAtAnchor(
  { db, anchor }: Pick<DataPlaneContext, 'db' | 'anchor'>,
  root: Uint8Array,
): Promise<RootFinding | undefined> {
  const known = await placeOf(db, root)
  if (known !== undefined) {
    const [log] = await selectScannedLogs(db, known.place.tenant_id, 1)
    if (log !== undefined) return readable(() => verifyKnown(anchor, log, known))
  }
  const entry = logEntry('delta', root)
  return searches.take(async () => {
    const logs = await selectScannedLogs(db, null, LOGS_MAX)
    const found = await search(anchor, logs, entry)
    return found?.logIndex == null
      ? ((await search(anchor, logs, logEntry('checkpoint', root))) ?? found)
      : found
  })
}

/** Where the database says that a root stands, and the entry that commits to it. */
interface KnownPlace {
  readonly place: EntryPlace
  readonly entry: Uint8Array
  /** The entry commits to a root over others too: a proof of it alone says nothing of this one. */
  readonly isPart: boolean
}

async function placeOf(db: Db, root: Uint8Array): Promise<KnownPlace | undefined> {
  const delta = await selectRootPlace(db, root)
  if (delta !== undefined) return { place: delta, entry: logEntry('delta', root), isPart: false }
  const part = await selectPartPlace(db, root)
  if (part !== undefined) {
    // The root over all parts, computed with this one among them: what the anchor is to hold, if it is true.
    const parts = await selectPartsInOrder(db, part.tenant_id, part.nonce)
    const whole = rootOf(parts.map(({ proof_root }) => proof_root))
    return { place: part, entry: logEntry('checkpoint', whole), isPart: parts.length > 1 }
  }
  const place = await selectCheckpointPlace(db, root)
  return place && { place, entry: logEntry('checkpoint', root), isPart: false }
}

async function verifyKnown(anchor: Anchor, log: ScannedLog, { place, entry, isPart }: KnownPlace) {
  const finding = await verifyEntry(anchor, log, place.log_index, entry)
  return isPart ? { ...finding, proof: null } : finding
}

/** A search reads many files: however many ask, one runs. */
const searches = new Turns(1, 32)

async function search(
  anchor: Anchor,
  logs: readonly ScannedLog[],
  entry: Uint8Array,
): Promise<RootFinding | undefined> {
  let unreadable: RootFinding | undefined
  let bundlesLeft = BUNDLES_MAX
  for (const log of logs) {
    const found = await readable(async () => {
      const head = await signedHead(anchor, log)
      const bundles = Math.ceil(head.checkpoint.size / TILE_WIDTH)
      bundlesLeft -= bundles
      if (bundlesLeft < 0) return undefined
      const logIndex = await indexOf(anchor, log, head.checkpoint.size, entry)
      return logIndex === undefined ? undefined : verifyEntry(anchor, log, logIndex, entry)
    })
    if (found?.logIndex != null) return found
    unreadable ??= found
  }
  return unreadable
}

/** The index of an entry in a log; undefined where it is not. */
async function indexOf(
  anchor: Anchor,
  log: ScannedLog,
  size: number,
  entry: Uint8Array,
): Promise<number | undefined> {
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const bundle = await tileOf(anchor, log, 'entries', index, size)
    const at = bundle.indexOf(entry)
    if (at >= 0) return index * TILE_WIDTH + (at - LENGTH_BYTES) / (LENGTH_BYTES + ENTRY_BYTES)
  }
  return undefined
}

/** The anchor is not as it must be, or not there: it proves nothing, and nothing is known. */
class Unreadable extends Error {}

/** Gives what was found, or, where the anchor cannot be read, that. */
async function readable(work: () => Promise<RootFinding | undefined>): Promise<RootFinding | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Unreadable || (error instanceof Error && 'code' in error)) return UNREADABLE
    throw error
  }
}

const NOTHING = { recordedAt: null, summary: null, records: [], discrepancies: [] }
const UNREADABLE: RootFinding = {
  ...NOTHING,
  verified: false,
  message: 'The anchor cannot be read at the moment, so it says nothing. Ask again later, or with source=db.',
  logId: null,
  logIndex: null,
  logCheckpoint: null,
  anchors: [],
  proof: null,
}

async function verifyEntry(
  anchor: Anchor,
  log: ScannedLog,
  logIndex: number,
  entry: Uint8Array,
): Promise<RootFinding> {
  const { checkpoint, note } = await signedHead(anchor, log)
  const { size, root } = checkpoint
  const found = { ...NOTHING, logId: log.log_id, logIndex, logCheckpoint: { size, root: toHex(root) } }
  if (logIndex >= size) {
    const message = 'Recorded, and not at the anchor yet. Ask again in a moment.'
    return { ...found, verified: false, message, logCheckpoint: null, anchors: [], proof: null }
  }
  const bundle = decodeEntryBundle(
    await tileOf(anchor, log, 'entries', Math.floor(logIndex / TILE_WIDTH), size),
  )
  const path = await pathOf(anchor, log, logIndex, size)
  const isThere = equalBytes(bundle[logIndex % TILE_WIDTH] ?? new Uint8Array(), entry)
  const verified = isThere && verifyInclusion(logLeaf(entry), logIndex, size, path, root)
  return {
    ...found,
    verified,
    message: verified ? null : 'The anchor does not hold what this root commits to.',
    anchors: [{ level: 'file', time: null }],
    proof: verified
      ? { tlogProof: formatTlogProof({ index: logIndex, path, note }), publicKey: keyOf(log) }
      : null,
    discrepancies: verified ? [] : [`the anchor holds another entry a_${logIndex}`],
  }
}

async function signedHead(
  anchor: Anchor,
  log: ScannedLog,
): Promise<{ readonly checkpoint: LogCheckpoint; readonly note: string }> {
  const note = await anchor.readCheckpoint(log.log_id)
  if (note === undefined) throw new Unreadable('the anchor has no checkpoint')
  try {
    const { checkpoint } = await verifyLogCheckpoint(note, { logKeys: [keyOf(log)] })
    return { checkpoint, note }
  } catch (cause) {
    throw new Unreadable('the checkpoint at the anchor is not signed by the log', { cause })
  }
}

async function pathOf(anchor: Anchor, log: ScannedLog, logIndex: number, size: number) {
  const plan = planInclusion(logIndex, size)
  const nodes = new Map<string, Uint8Array>()
  for (const node of planNodes(plan)) {
    const place = placeOfNode(node)
    const tile = await tileOf(anchor, log, place.level, place.index, size)
    nodes.set(`${node.level}/${node.index}`, nodeFromTile(place, tile))
  }
  return assembleProof(plan, ({ level, index }) => {
    const hash = nodes.get(`${level}/${index}`)
    if (hash === undefined) throw new Error(`the plan names node ${level}/${index} once only`)
    return hash
  })
}

async function tileOf(
  anchor: Anchor,
  log: ScannedLog,
  level: number | 'entries',
  index: number,
  size: number,
): Promise<Buffer> {
  const width = tileWidth(level, index, size)
  const tile = await anchor.readTile(log.log_id, { level, index, width })
  if (tile === undefined) throw new Unreadable(`the anchor has no tile ${level}/${index}`)
  return tile
}
