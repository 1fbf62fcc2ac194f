import { formatAmount } from '@pacspace/api/amount'
import { formatDeltaProof } from '@pacspace/proofs/delta-proof'
import { nodeHash } from '@pacspace/proofs/merkle'
import { requestHash } from '@pacspace/proofs/record'
import { placeOfNode, TILE_WIDTH, tileWidth } from '@pacspace/proofs/tiles'
import {
  assembleProof,
  type NodeId,
  nodeFromRow,
  nodeRow,
  planInclusion,
  planNodes,
} from '@pacspace/proofs/tree-nodes'
import type { Db } from '@pacspace/service/postgres'
import { type Delta, deltaOfRow, type StoredDelta, selectDeltasAt } from '../ledger/front-door.ts'
import { hashesIn, readHashes } from './log-nodes.ts'
import { selectTileSlices } from './proofs.sql.ts'

/** A signed head, and what it covers. */
export interface ProofHead {
  readonly size: number
  readonly note: string
}

/**
 * The offline proofs of many deltas of one tenant under one signed head that covers them all, in their order: for those
 * who send every delta's proof. Nodes that several proofs share are read once, and a tile is read whole.
 */
export async function buildDeltaProofs(
  db: Db,
  tenantNo: number,
  head: ProofHead,
  deltas: readonly Delta[],
): Promise<string[]> {
  const customerPlans = deltas.map(({ sequenceNumber }) => planInclusion(sequenceNumber - 1, sequenceNumber))
  const logPlans = deltas.map(({ logIndex }) => planInclusion(logIndex, head.size))
  const [rowOf, hashOf] = await Promise.all([
    readRows(
      db,
      tenantNo,
      deltas.flatMap(({ customerNo }, i) =>
        planNodes(customerPlans[i] ?? []).map((node) => ({ customerNo, seq: nodeRow(node) })),
      ),
    ),
    readTiles(db, tenantNo, head.size, logPlans.flatMap(planNodes)),
  ])
  return deltas.map((delta, i) =>
    formatDeltaProof({
      record: recordOf(delta),
      customerPath: assembleProof(customerPlans[i] ?? [], (node) =>
        nodeOf(node, rowOf(delta.customerNo, nodeRow(node))),
      ),
      customerSize: delta.sequenceNumber,
      logIndex: delta.logIndex,
      logPath: assembleProof(logPlans[i] ?? [], hashOf),
      note: head.note,
    }),
  )
}

function recordOf(delta: Delta) {
  return {
    recordId: delta.recordId,
    customerId: delta.customerId,
    sequenceNumber: delta.sequenceNumber,
    delta: formatAmount(delta.delta),
    balance: formatAmount(delta.balance),
    contentHash: delta.contentHash,
    previousProofHash: delta.previousProofHash,
    createdAt: delta.createdAt,
    adjusts: delta.adjustsRecordId,
    request: delta.keyDigest === null ? null : requestHash(delta.recordId, delta.keyDigest),
  }
}

/** A leaf is recomputed from its row; interior nodes are kept in the row that completed them. */
function nodeOf(node: NodeId, row: StoredDelta): Uint8Array {
  if (node.level === 0) return deltaOfRow(row).itemHash
  return nodeFromRow(node, row.items_root, row.nodes ?? new Uint8Array())
}

interface RowPlace {
  readonly customerNo: number
  readonly seq: number
}

async function readRows(
  db: Db,
  tenantNo: number,
  wanted: readonly RowPlace[],
): Promise<(customerNo: number, seq: number) => StoredDelta> {
  const places = [...new Map(wanted.map((place) => [`${place.customerNo}/${place.seq}`, place])).values()]
  const rows =
    places.length === 0
      ? []
      : await selectDeltasAt(
          db,
          tenantNo,
          places.map(({ customerNo }) => customerNo),
          places.map(({ seq }) => seq),
        )
  const rowAt = new Map(rows.map((row) => [`${row.customer_no}/${row.seq}`, row]))
  return (customerNo, seq) => {
    const row = rowAt.get(`${customerNo}/${seq}`)
    if (row === undefined) throw new Error(`no delta ${seq} of customer ${customerNo} of tenant ${tenantNo}`)
    return row
  }
}

/** Nodes of the log's tree of `size` leaves: each tile that holds one is read and folded once. */
async function readTiles(
  db: Db,
  tenantNo: number,
  size: number,
  nodes: readonly NodeId[],
): Promise<(node: NodeId) => Uint8Array> {
  const tiles = new Map(
    nodes.map(placeOfNode).map(({ level, index }) => [`${level}/${index}`, { level, index }]),
  )
  const isFull = (tile: { level: number; index: number }) =>
    tileWidth(tile.level, tile.index, size) === TILE_WIDTH
  const full = [...tiles.values()].filter(isFull)
  const ragged = [...tiles.values()].filter((tile) => !isFull(tile))
  const [slices, edges] = await Promise.all([
    full.length === 0
      ? []
      : selectTileSlices(
          db,
          tenantNo,
          full.map((tile) => ({ ...tile, first: 0, count: TILE_WIDTH })),
        ),
    Promise.all(
      ragged.map(({ level, index }) => {
        const from = index * TILE_WIDTH
        return readHashes(db, tenantNo, level, from, from + tileWidth(level, index, size))
      }),
    ),
  ])
  const folded = new Map<string, FoldedTile>()
  for (const slice of slices)
    folded.set(`${slice.level}/${slice.tile_index}`, foldTile(hashesIn(slice.hashes)))
  for (const [i, { level, index }] of ragged.entries())
    folded.set(`${level}/${index}`, foldTile(edges[i] ?? []))
  return (node) => {
    const { level, index, first, count } = placeOfNode(node)
    const hash = folded.get(`${level}/${index}`)?.[Math.log2(count)]?.[first / count]
    if (hash === undefined)
      throw new Error(`no tile holds node ${node.level}/${node.index} of tenant ${tenantNo}`)
    return hash
  }
}

/** Hashes by height above the tile's own level; a perfect subtree of 2^k hashes stands at [k][first / 2^k]. */
type FoldedTile = readonly (readonly Uint8Array[])[]

function foldTile(hashes: readonly Uint8Array[]): FoldedTile {
  const heights: (readonly Uint8Array[])[] = [hashes]
  for (let below = hashes; below.length > 1; ) {
    const above = Array.from(
      { length: below.length >> 1 },
      (_, i) => nodeHash(below[2 * i]!, below[2 * i + 1]!), // both inside: half as many as below
    )
    heights.push(above)
    below = above
  }
  return heights
}
