import { equalBytes } from '@pacspace/proofs/bytes'
import { append, type CompactRange, EMPTY_RANGE, rangeRoot } from '@pacspace/proofs/compact-range'
import { rootOf } from '@pacspace/proofs/merkle'
import { TILE_WIDTH } from '@pacspace/proofs/tiles'

/** A tile that is full, as its leaves make it. */
export interface RebuiltTile {
  readonly level: number
  readonly index: number
  readonly root: Uint8Array
  /** 256 hashes, packed. */
  readonly hashes: Uint8Array
}

/** Of a tile level, the hashes of the tile that is not full yet, and its index. */
interface OpenTile {
  readonly index: number
  readonly hashes: readonly Uint8Array[]
}

export interface GrownLog {
  readonly log: RebuiltLog
  /** Roots at the sizes that were asked for. */
  readonly rootAt: ReadonlyMap<number, Uint8Array>
  /** The tiles that became full, lower levels first where they do at the same leaf. */
  readonly tiles: readonly RebuiltTile[]
}

/** A log's tree built again leaf by leaf. A value: growing gives a new one. */
export class RebuiltLog {
  static readonly EMPTY = new RebuiltLog(EMPTY_RANGE, [])
  readonly #range: CompactRange
  readonly #open: readonly OpenTile[]

  private constructor(range: CompactRange, open: readonly OpenTile[]) {
    this.#range = range
    this.#open = open
  }

  get size(): number {
    return this.#range.size
  }

  /** 32 bytes. */
  get root(): Uint8Array {
    return rangeRoot(this.#range)
  }

  /** The log after more leaves. `wantedSizes`: those whose roots are given, the size before the leaves among them. */
  grow(leaves: readonly Uint8Array[], wantedSizes: ReadonlySet<number>): GrownLog {
    const rootAt = new Map<number, Uint8Array>()
    const tiles: RebuiltTile[] = []
    const open = this.#open.map(({ index, hashes }) => ({ index, hashes: [...hashes] }))
    const addToTile = (level: number, hash: Uint8Array) => {
      const tile = open[level] ?? { index: 0, hashes: [] }
      open[level] = tile
      tile.hashes.push(hash)
      if (tile.hashes.length < TILE_WIDTH) return
      const root = rootOf(tile.hashes)
      tiles.push({ level, index: tile.index, root, hashes: Buffer.concat(tile.hashes) })
      open[level] = { index: tile.index + 1, hashes: [] }
      addToTile(level + 1, root)
    }
    let range = this.#range
    const keepRoot = () => wantedSizes.has(range.size) && rootAt.set(range.size, rangeRoot(range))
    keepRoot()
    for (const leaf of leaves) {
      range = append(range, leaf).range
      keepRoot()
      addToTile(0, leaf)
    }
    return { log: new RebuiltLog(range, open), rootAt, tiles }
  }
}

/** True for the same root and the same hashes. */
export function equalTiles(
  a: Pick<RebuiltTile, 'root' | 'hashes'>,
  b: Pick<RebuiltTile, 'root' | 'hashes'>,
): boolean {
  return equalBytes(a.root, b.root) && equalBytes(a.hashes, b.hashes)
}
