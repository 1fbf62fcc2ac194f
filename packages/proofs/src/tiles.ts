/**
 * Static tiles of a log: C2SP tlog-tiles, "Merkle Tree". A tile holds up to 256 hashes of one level; from one tile
 * level to the next lie eight tree levels. Partial tiles are those at the tree's right edge.
 */
import { rootOf } from './merkle.ts'
import { ProofError } from './proof-error.ts'
import { HASH_BYTES } from './sha256.ts'
import type { NodeId } from './tree-nodes.ts'

/** "Full tiles MUST be exactly 256 hashes wide". */
export const TILE_WIDTH = 256
/** Tree levels that one tile spans: 2⁸ = 256. */
const TILE_HEIGHT = 8
const TILE_LEVEL_MAX = 63
const PATH_FORM = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/

export interface TileId {
  /** 0 holds leaf hashes; `entries` holds the entries themselves (`entry-bundle.ts`). */
  readonly level: number | 'entries'
  /** Position within its level, from 0. */
  readonly index: number
  /** Hashes or entries in it: 256 for a full tile, 1–255 for a partial one. */
  readonly width: number
}

/** The path of a tile below the log's prefix: `tile/<L>/<N>[.p/<W>]`. Throws `OUT_OF_RANGE` for no such tile. */
export function tilePath({ level, index, width }: TileId): string {
  const isLevel = level === 'entries' || (Number.isInteger(level) && level >= 0 && level <= TILE_LEVEL_MAX)
  const isWidth = Number.isInteger(width) && width >= 1 && width <= TILE_WIDTH
  if (!isLevel || !isWidth || !Number.isSafeInteger(index) || index < 0) {
    throw new ProofError('OUT_OF_RANGE', `no tile ${level}/${index} of width ${width}`)
  }
  return `tile/${level}/${pathOfIndex(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`
}

/**
 * The tile that a path names; undefined for any other path. Attacker-controlled: only what `tilePath` writes passes,
 * so a path that was parsed may be used as the name of a file.
 */
export function parseTilePath(path: string): TileId | undefined {
  const [, level, groups, width] = PATH_FORM.exec(path) ?? []
  if (level === undefined || groups === undefined) return undefined
  const tile: TileId = {
    level: level === 'entries' ? level : Number(level),
    index: Number(groups.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  }
  try {
    return tilePath(tile) === path ? tile : undefined
  } catch {
    // Only OUT_OF_RANGE can be thrown here, and such a tile is no tile.
    return undefined
  }
}

/** Hashes that tile (level, index) holds in a tree of `size` leaves: 0 (no such tile) to 256. */
export function tileWidth(level: number | 'entries', index: number, size: number): number {
  const hashes = hashesAtLevel(level === 'entries' ? 0 : level, size)
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH))
}

/**
 * All tiles and entry bundles that a log which grows from `from` to `to` entries must write before it publishes the
 * checkpoint of size `to`: full ones that were partial or missing, and the new partial ones. `from` 0 gives all.
 */
export function* newTiles(from: number, to: number): Generator<TileId> {
  for (let level = 0; hashesAtLevel(level, to) > 0; level++) {
    const before = hashesAtLevel(level, from)
    const after = hashesAtLevel(level, to)
    for (let index = Math.floor(before / TILE_WIDTH); before < after && index * TILE_WIDTH < after; index++) {
      const width = tileWidth(level, index, to)
      yield { level, index, width }
      if (level === 0) yield { level: 'entries', index, width }
    }
  }
}

/** The tree nodes that a tile of hashes holds, in order. */
export function nodesOfTile({ level, index, width }: TileId & { readonly level: number }): NodeId[] {
  return Array.from({ length: width }, (_, i) => ({
    level: level * TILE_HEIGHT,
    index: index * TILE_WIDTH + i,
  }))
}

/** Where a tree node stands: in tile (`level`, `index`), as the root over `count` of its hashes from `first` on. */
export interface NodePlace {
  readonly level: number
  readonly index: number
  readonly first: number
  readonly count: number
}

/** The tile to fetch for a tree node. */
export function placeOfNode(node: NodeId): NodePlace {
  const level = Math.floor(node.level / TILE_HEIGHT)
  const count = 2 ** (node.level % TILE_HEIGHT)
  const firstHash = node.index * count
  return { level, index: Math.floor(firstHash / TILE_WIDTH), first: firstHash % TILE_WIDTH, count }
}

/** The hash of the node at a place, from the bytes of its tile. Throws `OUT_OF_RANGE` if the tile is too narrow. */
export function nodeFromTile(place: NodePlace, tile: Uint8Array): Uint8Array {
  const { first, count } = place
  if ((first + count) * HASH_BYTES > tile.length) {
    throw new ProofError('OUT_OF_RANGE', `the tile holds no ${count} hashes from ${first} on`)
  }
  const hashes = Array.from({ length: count }, (_, i) => {
    const at = (first + i) * HASH_BYTES
    return tile.subarray(at, at + HASH_BYTES)
  })
  return rootOf(hashes)
}

/** Zero-padded groups of three digits; "All but the last path element MUST begin with an x": `x001/x234/067`. */
function pathOfIndex(index: number): string {
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  return padded.replaceAll(/[0-9]{3}(?=[0-9])/g, 'x$&/')
}

/** floor(size / 256^level). */
function hashesAtLevel(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level)
}
