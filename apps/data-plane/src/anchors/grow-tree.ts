import { append, type CompactRange, rangeRoot } from '@pacspace/proofs/compact-range'
import { rootOf } from '@pacspace/proofs/merkle'
import { TILE_WIDTH } from '@pacspace/proofs/tiles'
import type { Db } from '@pacspace/service/postgres'
import { readHashes } from '../proofs/front-door.ts'
import type { NewTile } from './anchors.sql.ts'

export interface GrownTree {
  readonly range: CompactRange
  /** 32 bytes. */
  readonly root: Uint8Array
  /** Tiles that became full, lower levels first. */
  readonly tiles: readonly NewTile[]
}

/**
 * The tree after more leaves, and the tiles they fill. What stands left of the new leaves in a tile is read back: at
 * most 255 rows at level 0 and 255 roots above it.
 */
export async function growTree(
  db: Db,
  tenantNo: number,
  before: CompactRange,
  leaves: readonly Uint8Array[],
): Promise<GrownTree> {
  let range = before
  for (const leaf of leaves) range = append(range, leaf).range
  const tiles: NewTile[] = []
  let fresh = leaves
  let begin = before.size
  for (let level = 0; crossesTile(begin, fresh.length); level++) {
    const tileStart = begin - (begin % TILE_WIDTH)
    const left = begin === tileStart ? [] : await readHashes(db, tenantNo, level, tileStart, begin)
    const full = fullTiles(level, tileStart / TILE_WIDTH, [...left, ...fresh])
    tiles.push(...full)
    begin = tileStart / TILE_WIDTH
    fresh = full.map((tile) => tile.root)
  }
  return { range, root: rangeRoot(range), tiles }
}

function crossesTile(begin: number, count: number): boolean {
  return (begin % TILE_WIDTH) + count >= TILE_WIDTH
}

function fullTiles(level: number, firstIndex: number, hashes: readonly Uint8Array[]): NewTile[] {
  const tiles: NewTile[] = []
  for (let at = 0; at + TILE_WIDTH <= hashes.length; at += TILE_WIDTH) {
    const ofTile = hashes.slice(at, at + TILE_WIDTH)
    tiles.push({
      level,
      index: firstIndex + at / TILE_WIDTH,
      root: rootOf(ofTile),
      hashes: Buffer.concat(ofTile),
    })
  }
  return tiles
}
