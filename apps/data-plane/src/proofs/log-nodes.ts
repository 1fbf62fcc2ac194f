import { encodeEntryBundle } from '@pacspace/proofs/entry-bundle'
import { logEntry, logLeaf } from '@pacspace/proofs/log-entry'
import { rootOf } from '@pacspace/proofs/merkle'
import { HASH_BYTES } from '@pacspace/proofs/sha256'
import { type NodePlace, placeOfNode, TILE_WIDTH, type TileId, tileWidth } from '@pacspace/proofs/tiles'
import type { NodeId } from '@pacspace/proofs/tree-nodes'
import type { Db } from '@pacspace/service/postgres'
import { entryOf, selectOtherEntries } from '../ledger/front-door.ts'
import { selectEntryRoots, selectTileRoots, selectTileSlices } from './proofs.sql.ts'

/**
 * Nodes of a tenant's log tree of `size` leaves, for `assembleProof`. Inside full tiles they are folded from the tile;
 * at the ragged right edge from the roots of the tiles below, or, at level 0, from the ledger rows themselves. Reads at
 * most 255 rows a level, whatever the size. `size` must not be past the integrated tree.
 */
export async function readLogNodes(
  db: Db,
  tenantNo: number,
  size: number,
  nodes: readonly NodeId[],
): Promise<(node: NodeId) => Uint8Array> {
  const places = [...new Map(nodes.map(placeOfNode).map((place) => [keyOf(place), place])).values()]
  const isFull = (place: NodePlace) => tileWidth(place.level, place.index, size) === TILE_WIDTH
  const full = places.filter(isFull)
  const ragged = places.filter((place) => !isFull(place))
  const [slices, edges] = await Promise.all([
    full.length === 0 ? [] : selectTileSlices(db, tenantNo, full),
    Promise.all(ragged.map((place) => readEdge(db, tenantNo, place))),
  ])
  const roots = new Map<string, Uint8Array>()
  for (const slice of slices) {
    const count = slice.hashes.length / HASH_BYTES
    roots.set(
      keyOf({ level: slice.level, index: slice.tile_index, first: slice.first, count }),
      rootOf(hashesIn(slice.hashes)),
    )
  }
  for (const [index, place] of ragged.entries()) roots.set(keyOf(place), rootOf(edges[index] ?? []))
  return (node) => {
    const root = roots.get(keyOf(placeOfNode(node)))
    if (root === undefined)
      throw new Error(`no tile holds node ${node.level}/${node.index} of tenant ${tenantNo}`)
    return root
  }
}

/** The hashes of a node in a tile that is not full yet. */
function readEdge(db: Db, tenantNo: number, place: NodePlace): Promise<Uint8Array[]> {
  const from = place.index * TILE_WIDTH + place.first
  return readHashes(db, tenantNo, place.level, from, from + place.count)
}

/**
 * Hashes of a tile level that stand in no full tile yet, `from` inclusive, `to` exclusive: leaf hashes from the ledger
 * rows, higher ones from the roots of the tiles below.
 */
export async function readHashes(
  db: Db,
  tenantNo: number,
  level: number,
  from: number,
  to: number,
): Promise<Uint8Array[]> {
  if (level > 0) return selectTileRoots(db, tenantNo, level - 1, from, to)
  return (await readEntries(db, tenantNo, from, to)).map(logLeaf)
}

/**
 * The entries of a stretch of the log in order, `to` exclusive: what its leaves are made of. Deltas give them by their
 * roots; the other tables are asked only where indexes are left.
 */
async function readEntries(db: Db, tenantNo: number, from: number, to: number): Promise<Uint8Array[]> {
  const roots = await selectEntryRoots(db, tenantNo, from, to)
  if (roots.length === to - from) return roots.map(({ items_root }) => logEntry('delta', items_root))
  const entries = new Array<Uint8Array | undefined>(to - from)
  for (const [logIndex, other] of await selectOtherEntries(db, tenantNo, from, to)) {
    entries[logIndex - from] = entryOf(other)
  }
  for (const { log_index, items_root } of roots) entries[log_index - from] = logEntry('delta', items_root)
  return Array.from(entries, (entry, offset) => {
    if (entry === undefined) throw new Error(`entry ${from + offset} of tenant ${tenantNo} is missing`)
    return entry
  })
}

/** The bytes of a tile or entry bundle, full or partial, of a tree that is integrated at least that far. */
export async function readTile(
  db: Db,
  tenantNo: number,
  { level, index, width }: TileId,
): Promise<Uint8Array> {
  const first = index * TILE_WIDTH
  if (level === 'entries') {
    return encodeEntryBundle(await readEntries(db, tenantNo, first, first + width))
  }
  if (width < TILE_WIDTH) return Buffer.concat(await readHashes(db, tenantNo, level, first, first + width))
  const [tile] = await selectTileSlices(db, tenantNo, [{ level, index, first: 0, count: TILE_WIDTH }])
  if (tile === undefined) throw new Error(`tile ${level}/${index} of tenant ${tenantNo} is missing`)
  return tile.hashes
}

/** The hashes of packed bytes, 32 each. */
export function hashesIn(packed: Uint8Array): Uint8Array[] {
  return Array.from({ length: packed.length / HASH_BYTES }, (_, index) =>
    packed.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
  )
}

function keyOf({ level, index, first, count }: NodePlace): string {
  return `${level}/${index}/${first}/${count}`
}
