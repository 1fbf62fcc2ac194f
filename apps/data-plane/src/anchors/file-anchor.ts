import { dirname, join, resolve } from 'node:path'
import { newTiles, TILE_WIDTH, type TileId, tilePath, tileWidth } from '@pacspace/proofs/tiles'
import { type AnchorFiles, absentAs, DurableFiles, systemFiles } from './anchor-files.ts'
import {
  type AnchoredHead,
  type JournalPage,
  journalLine,
  readJournalEnd,
  readJournalPage,
} from './anchor-journal.ts'

/** The bytes of a tile or entry bundle of the log that is being anchored. */
export type TileSource = (tile: TileId) => Promise<Uint8Array>

/** Heads whose partial tiles are kept: a reader of the last checkpoint but one may still fetch them. */
const HEADS_KEPT = 3

export interface FileAnchorOptions {
  /**
   * A name that no other writer has, needed to publish: two writers, of which one has lost its claim, never share a
   * temporary file.
   */
  readonly writer?: string
  /** Default: the real ones. */
  readonly files?: AnchorFiles
}

/**
 * The `file` anchor: outside the database, per log an append-only journal of signed heads, and static tlog-tiles that
 * anyone can mirror (design.md §4.4). Exactly one host writes it, and of its workers the one that holds the claim on the
 * log's verified head. Duties: after `publish` returns, the head is on disk and readable; a crash at any line leaves the
 * old head or the new one, never a mixture; publishing again is harmless.
 */
export class FileAnchor {
  readonly #directory: string
  readonly #files: AnchorFiles
  readonly #durable: DurableFiles
  /** Sizes that this process published, newest last. */
  readonly #published = new Map<string, number[]>()
  readonly #writer: string | undefined

  constructor(directory: string, options: FileAnchorOptions = {}) {
    this.#directory = resolve(directory)
    this.#files = options.files ?? systemFiles
    this.#durable = new DurableFiles(this.#files)
    this.#writer = options.writer
  }

  /** The newest head of a log, from its journal; undefined where there is none. Changes nothing. */
  async peek(logId: string): Promise<AnchoredHead | undefined> {
    return (await readJournalEnd(this.#files, this.#path(logId, 'journal'))).head
  }

  /** The heads that the journal of a log holds, a stretch at a time, from byte `start` on. Changes nothing. */
  readJournal(logId: string, start: number): Promise<JournalPage> {
    return readJournalPage(this.#files, this.#path(logId, 'journal'), start)
  }

  /** The checkpoint file as a reader sees it. */
  async readCheckpoint(logId: string): Promise<string | undefined> {
    return this.#files.readFile(this.#path(logId, 'checkpoint'), 'utf8').catch(absentAs(undefined))
  }

  /** A tile or entry bundle as a reader gets it; undefined where there is none. */
  async readTile(logId: string, tile: TileId): Promise<Buffer | undefined> {
    return this.#files.readFile(this.#path(logId, tilePath(tile))).catch(absentAs(undefined))
  }

  /**
   * Publishes a head that extends the newest one. Order: tiles and their folders on disk, then the journal line, then
   * the checkpoint by rename. A torn last line is cut off first; a head that is published again has two lines. Throws when
   * the anchor holds a larger head, or another root for this size. Must run under the claim of the log's verified head.
   */
  async publish(logId: string, head: AnchoredHead, tileOf: TileSource): Promise<void> {
    try {
      await this.#publish(logId, head, tileOf)
    } catch (error) {
      this.#durable.forgetFolders()
      throw error
    }
  }

  async #publish(logId: string, head: AnchoredHead, tileOf: TileSource): Promise<void> {
    if (this.#writer === undefined) throw new Error('an anchor without a name for its writer is for reading')
    const journal = this.#path(logId, 'journal')
    const { head: newest, goodBytes, bytes } = await readJournalEnd(this.#files, journal)
    refuseContradiction(logId, newest, head)
    if (goodBytes < bytes) await this.#durable.cut(journal, goodBytes)
    await this.#durable.ensureFolder(this.#directory, this.#path(logId, ''))
    await this.#writeTiles(logId, newest?.size ?? 0, head.size, tileOf)
    // Also where the journal shows this head: whoever wrote it may have died, or failed, before it was flushed.
    await this.#durable.append(journal, journalLine(head.note))
    if (newest === undefined) await this.#durable.syncFolder(dirname(journal))
    const checkpoint = this.#path(logId, 'checkpoint')
    await this.#durable.replace(checkpoint, `${checkpoint}.${this.#writer}.new`, Buffer.from(head.note))
    await this.#tidy(logId, head.size)
  }

  async #writeTiles(logId: string, from: number, to: number, tileOf: TileSource): Promise<void> {
    const folders = new Set<string>()
    for (const tile of newTiles(from, to)) {
      const path = this.#path(logId, tilePath(tile))
      await this.#durable.ensureFolder(this.#directory, dirname(path))
      await this.#durable.write(path, await tileOf(tile))
      folders.add(dirname(path))
    }
    for (const folder of folders) await this.#durable.syncFolder(folder)
  }

  /** Removes partial tiles that no kept head needs, and at first what a process that died left of its checkpoint. */
  async #tidy(logId: string, size: number): Promise<void> {
    const sizes = this.#published.get(logId)
    if (sizes === undefined) {
      this.#published.set(logId, [size])
      await this.#removeTemporaries(logId)
      return
    }
    if (sizes.at(-1) === size) return
    sizes.push(size)
    const old = sizes.length > HEADS_KEPT ? sizes.shift() : undefined
    if (old === undefined) return
    const needed = new Set(sizes.flatMap((kept) => [...partialTiles(kept)]))
    for (const name of partialTiles(old)) if (!needed.has(name)) await this.#removePartial(logId, name)
  }

  async #removePartial(logId: string, name: string): Promise<void> {
    const path = this.#path(logId, name)
    await this.#files.rm(path, { force: true })
    // Its folder holds the partial tiles of one place in the tree, and goes with the last of them.
    const isGone = await this.#files.rmdir(dirname(path)).then(
      () => true,
      () => false,
    )
    if (isGone) this.#durable.forgetFolders()
  }

  async #removeTemporaries(logId: string): Promise<void> {
    const folder = this.#path(logId, '')
    for (const name of await this.#files.readdir(folder)) {
      if (name.endsWith('.new')) await this.#files.rm(join(folder, name), { force: true })
    }
  }

  #path(logId: string, name: string): string {
    return join(this.#directory, logId, name)
  }
}

function refuseContradiction(logId: string, newest: AnchoredHead | undefined, head: AnchoredHead): void {
  if (newest === undefined || newest.size < head.size) return
  if (newest.size > head.size) {
    throw new Error(`anchor of log ${logId} is at size ${newest.size}, ahead of ${head.size}`)
  }
  if (!Buffer.from(newest.root).equals(head.root)) {
    throw new Error(`anchor of log ${logId} holds another root for size ${head.size}`)
  }
}

/** Paths of the partial tiles at the right edge of a tree, of every level. */
function* partialTiles(size: number): Generator<string> {
  for (let level = 0, hashes = size; hashes > 0; level++, hashes = Math.floor(hashes / TILE_WIDTH)) {
    const index = Math.floor(hashes / TILE_WIDTH)
    const width = tileWidth(level, index, size)
    if (width === 0) continue
    yield tilePath({ level, index, width })
    if (level === 0) yield tilePath({ level: 'entries', index, width })
  }
}
