import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open, readFile, rename, rm, truncate } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseSignedHead } from '@pacspace/proofs/log-proof'
import { newTiles, TILE_WIDTH, type TileId, tilePath } from '@pacspace/proofs/tiles'

/** A signed head as an anchor holds it. */
export interface AnchoredHead {
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
  readonly note: string
}

/** The bytes of a tile or entry bundle of the log that is being anchored. */
export type TileSource = (tile: TileId) => Promise<Uint8Array>

/**
 * The `file` anchor: outside the database, per log an append-only journal of signed heads, and static tlog-tiles that
 * anyone can mirror (design.md §4.4). Exactly one host writes it. Duties: after `publish` returns, the head is on disk
 * and readable; a crash at any line leaves the old head or the new one, never a mixture; publishing again is harmless.
 */
export class FileAnchor {
  readonly #directory: string
  /** Sizes published before, newest last: partial tiles of older ones are removed. */
  readonly #published = new Map<string, number[]>()

  constructor(directory: string) {
    this.#directory = directory
  }

  /** The newest head of a log, from its journal; undefined where there is none. A torn last line is cut off first. */
  async newest(logId: string): Promise<AnchoredHead | undefined> {
    const path = this.#path(logId, 'journal')
    const text = await readFile(path, 'utf8').catch(absentAs(''))
    const { head, goodBytes } = lastHeadOf(text)
    if (goodBytes < Buffer.byteLength(text)) await truncate(path, goodBytes)
    return head
  }

  /** The newest head of a log without repairing anything: for processes that only read the anchor. */
  async peek(logId: string): Promise<AnchoredHead | undefined> {
    return lastHeadOf(await readFile(this.#path(logId, 'journal'), 'utf8').catch(absentAs(''))).head
  }

  /** The checkpoint file as a reader sees it. */
  async readCheckpoint(logId: string): Promise<string | undefined> {
    return readFile(this.#path(logId, 'checkpoint'), 'utf8').catch(absentAs(undefined))
  }

  /**
   * Publishes a head that extends the newest one. Order: tiles and their folders on disk, then the journal line, then
   * the checkpoint by rename. Throws when the anchor holds a larger head, or another root for this size.
   */
  async publish(logId: string, head: AnchoredHead, tileOf: TileSource): Promise<void> {
    const newest = await this.newest(logId)
    if (newest !== undefined && newest.size > head.size) {
      throw new Error(`anchor of log ${logId} is at size ${newest.size}, ahead of ${head.size}`)
    }
    if (newest !== undefined && newest.size === head.size && !Buffer.from(newest.root).equals(head.root)) {
      throw new Error(`anchor of log ${logId} holds another root for size ${head.size}`)
    }
    await this.#writeTiles(logId, newest?.size ?? 0, head.size, tileOf)
    if (newest === undefined || newest.size < head.size) await this.#appendJournal(logId, head)
    await writeWhole(this.#path(logId, 'checkpoint'), Buffer.from(head.note))
    await this.#removeOldPartials(logId, head.size)
  }

  async #writeTiles(logId: string, from: number, to: number, tileOf: TileSource): Promise<void> {
    const folders = new Set<string>()
    for (const tile of newTiles(from, to)) {
      const path = this.#path(logId, tilePath(tile))
      await makeFolder(dirname(path))
      await writeDurably(path, await tileOf(tile))
      folders.add(dirname(path))
    }
    for (const folder of folders) await syncFolder(folder)
  }

  async #appendJournal(logId: string, head: AnchoredHead): Promise<void> {
    const path = this.#path(logId, 'journal')
    await makeFolder(dirname(path))
    const file = await open(path, 'a')
    try {
      await file.write(journalLine(head.note))
      await file.datasync()
    } finally {
      await file.close()
    }
    if (head.size === 0) await syncFolder(dirname(path))
  }

  /** A reader of the last checkpoint but one may still fetch its partial tiles; older ones nobody needs. */
  async #removeOldPartials(logId: string, size: number): Promise<void> {
    const sizes = this.#published.get(logId) ?? []
    if (sizes.at(-1) === size) return
    sizes.push(size)
    const old = sizes.length > 3 ? sizes.shift() : undefined
    this.#published.set(logId, sizes)
    if (old === undefined) return
    const needed = new Set(sizes.flatMap((kept) => [...partialTiles(kept)]))
    for (const path of partialTiles(old)) {
      if (!needed.has(path)) await rm(this.#path(logId, path), { force: true })
    }
  }

  #path(logId: string, name: string): string {
    return join(this.#directory, logId, name)
  }
}

/** Paths of the partial tiles at the right edge of a tree. */
function* partialTiles(size: number): Generator<string> {
  for (const tile of newTiles(Math.max(0, size - 1), size)) if (tile.width < TILE_WIDTH) yield tilePath(tile)
}

/** `<first 16 hex digits of SHA-256 of the note> <base64 of the note>`: a torn line cannot pass for a whole one. */
function journalLine(note: string): string {
  return `${checksum(note)} ${Buffer.from(note).toString('base64')}\n`
}

function lastHeadOf(text: string): { readonly head: AnchoredHead | undefined; readonly goodBytes: number } {
  // Only the last lines matter: each was checked when it was the last.
  const end = text.lastIndexOf('\n') + 1
  const start = text.lastIndexOf('\n', end - 2) + 1
  if (end === 0) return { head: undefined, goodBytes: 0 }
  const [sum = '', encoded = ''] = text.slice(start, end - 1).split(' ')
  const note = Buffer.from(encoded, 'base64').toString('utf8')
  if (checksum(note) !== sum) throw new Error('a whole line of the anchor journal is damaged')
  const { checkpoint } = parseSignedHead(note)
  return {
    head: { size: checkpoint.size, root: checkpoint.root, note },
    goodBytes: Buffer.byteLength(text.slice(0, end)),
  }
}

function checksum(note: string): string {
  return createHash('sha256').update(note).digest('hex').slice(0, 16)
}

/** Writes a file that readers see whole or not at all. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.new`
  await writeDurably(temporary, bytes)
  await rename(temporary, path)
  await syncFolder(dirname(path))
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file: FileHandle = await open(path, 'w')
  try {
    await file.writeFile(bytes)
    await file.datasync()
  } finally {
    await file.close()
  }
}

/** Makes a folder and those above it, each on disk in its parent. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made))
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function absentAs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return value
    throw error
  }
}
