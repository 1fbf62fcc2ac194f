import { append, type CompactRange, EMPTY_RANGE, rangeRoot } from '@pacspace/proofs/compact-range'
import { rootOf } from '@pacspace/proofs/merkle'
import { sha256 } from '@pacspace/proofs/sha256'
import { TILE_WIDTH } from '@pacspace/proofs/tiles'

/** A log's tree built again leaf by leaf: its root at chosen sizes, and every tile that is full. */
export class RebuiltLog {
  readonly rootAt = new Map<number, Uint8Array>()
  /** SHA-256 of the hashes, and the root, of each full tile `level/index`. */
  readonly tiles = new Map<string, { readonly digest: Uint8Array; readonly root: Uint8Array }>()
  readonly #wantedSizes: ReadonlySet<number>
  /** Of each tile level, the hashes of the tile that is not full yet, and its index. */
  readonly #open: { index: number; hashes: Uint8Array[] }[] = []
  #range: CompactRange = EMPTY_RANGE

  /** `wantedSizes`: sizes whose roots are kept. */
  constructor(wantedSizes: ReadonlySet<number>) {
    this.#wantedSizes = wantedSizes
    this.#keepRoot()
  }

  get size(): number {
    return this.#range.size
  }

  add(leaf: Uint8Array): void {
    this.#range = append(this.#range, leaf).range
    this.#keepRoot()
    this.#addToTile(0, leaf)
  }

  #keepRoot(): void {
    if (this.#wantedSizes.has(this.size)) this.rootAt.set(this.size, rangeRoot(this.#range))
  }

  #addToTile(level: number, hash: Uint8Array): void {
    const open = this.#open[level] ?? { index: 0, hashes: [] }
    this.#open[level] = open
    open.hashes.push(hash)
    if (open.hashes.length < TILE_WIDTH) return
    const root = rootOf(open.hashes)
    this.tiles.set(`${level}/${open.index}`, { digest: sha256(Buffer.concat(open.hashes)), root })
    open.index++
    open.hashes = []
    this.#addToTile(level + 1, root)
  }
}
