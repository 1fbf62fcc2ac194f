import { createHash } from 'node:crypto'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseSignedHead } from '@pacspace/proofs/log-proof'

/** A signed head of the activity log as its journal holds it. */
export interface JournalHead {
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
  readonly note: string
}

/** Read at once from the end: some twenty lines. A journal grows for ever, so it is never read whole. */
const TAIL_BYTES = 8_192

/**
 * The journal of the activity log's signed heads: a file outside the database, appended to and never changed. A line is
 * `<first 16 hex digits of SHA-256 of the note> <base64 of the note>`, so that a torn one cannot pass for a whole one. Writers take
 * turns (`anchorActivity`).
 */
export class AuditJournal {
  readonly #path: string

  /** The journal in a folder. */
  static in(folder: string): AuditJournal {
    return new AuditJournal(join(folder, 'journal'))
  }

  constructor(path: string) {
    this.#path = path
  }

  /** The largest head among the last lines; undefined where there is none. Throws where a whole line is damaged. */
  async last(): Promise<JournalHead | undefined> {
    const file = await open(this.#path, 'r').catch(unlessMissing)
    if (file === undefined) return undefined
    try {
      return (await readTail(file)).head
    } finally {
      await file.close()
    }
  }

  /**
   * Appends a head; it survives a power cut once this returns. A last line that a crash has torn is cut off first. On disk in
   * this order: the folder, a cut, the line, the file's name.
   */
  async append({ note }: Pick<JournalHead, 'note'>): Promise<void> {
    const folder = dirname(this.#path)
    const made = await mkdir(folder, { recursive: true })
    if (made !== undefined) await syncFolders(folder, dirname(made))
    const file = await open(this.#path, 'a+')
    try {
      const { size } = await file.stat()
      const { goodBytes } = await readTail(file)
      if (goodBytes < size) {
        await file.truncate(goodBytes)
        await file.datasync()
      }
      // Not `write`: that may write less than it was given and say so only in its answer.
      await file.appendFile(`${checksum(note)} ${Buffer.from(note).toString('base64')}\n`)
      await file.datasync()
      if (size === 0) await syncFolders(folder, folder)
    } finally {
      await file.close()
    }
  }
}

async function readTail(file: FileHandle): Promise<{ head: JournalHead | undefined; goodBytes: number }> {
  const { size } = await file.stat()
  const start = Math.max(0, size - TAIL_BYTES)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
  const tail = buffer.subarray(0, bytesRead)
  const begin = start === 0 ? 0 : tail.indexOf('\n') + 1
  const end = tail.lastIndexOf('\n') + 1
  const heads = tail.toString('latin1', begin, end).split('\n').slice(0, -1).map(headOf)
  // Of two heads of one size the later one counts: it cannot be passed over by writing an older one before it.
  const head = heads.reduce<JournalHead | undefined>(
    (largest, one) => (largest === undefined || one.size >= largest.size ? one : largest),
    undefined,
  )
  return { head, goodBytes: start + end }
}

function headOf(line: string): JournalHead {
  const [sum = '', encoded = ''] = line.split(' ')
  const note = Buffer.from(encoded, 'base64').toString('utf8')
  if (checksum(note) !== sum) throw new Error('a whole line of the activity log’s journal is damaged')
  const { size, root } = parseSignedHead(note).checkpoint
  return { size, root, note }
}

function checksum(note: string): string {
  return createHash('sha256').update(note).digest('hex').slice(0, 16)
}

/** What was made in these folders is on disk when this returns: `from` and those above it, up to `top`. */
async function syncFolders(from: string, top: string): Promise<void> {
  for (let path = from; path.length >= top.length; path = dirname(path)) {
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
    if (path === dirname(path)) return
  }
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
