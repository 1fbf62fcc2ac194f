import { copyFile, type FileHandle, open, rename, stat, truncate } from 'node:fs/promises'
import { isSystemError } from '@pacspace/service/embedded-postgres/cluster-error'

/** A log this large gives way to a new one at the next start. */
const rotateBytes = 8 * 1024 * 1024
/** Older logs that are kept: `NAME.log.1` is the newest. */
const keptLogs = 3
/** A log that grows to this size while its process runs is copied aside and emptied. */
const runningBytesMax = 64 * 1024 * 1024

const pollIntervalMs = 100
const chunkBytes = 256 * 1024
/** A line longer than this is shown cut. */
const lineBytesMax = 16 * 1024

/** Moves `path` aside if it has grown large; the oldest copy is dropped. */
export async function rotateLog(path: string, bytes = rotateBytes): Promise<void> {
  if ((await sizeOf(path)) < bytes) return
  for (let age = keptLogs - 1; age >= 0; age--) {
    await rename(age === 0 ? path : `${path}.${age}`, `${path}.${age + 1}`).catch(ignoreMissing)
  }
}

/** Follows a log file. */
export interface LogTail {
  /** Reads what is left and ends. */
  close(): Promise<void>
}

/**
 * Calls `onLine` with every line that is appended to `path` from now on.
 *
 * Children write straight into their files, so that a busy service costs the supervisor no copying and a killed
 * supervisor breaks no pipe; what the terminal shows is read from there.
 */
export async function tailLog(path: string, onLine: (line: string) => void): Promise<LogTail> {
  const file = await open(path, 'a+', 0o600)
  const reader = new LineReader(file, (await file.stat()).size, onLine)
  const follow = async () => {
    await reader.read()
    if (reader.position <= runningBytesMax) return
    // Children append (O_APPEND), so they go on at the new end. What falls between copy and cut is lost.
    await copyFile(path, `${path}.1`)
    await truncate(path)
    reader.position = 0
  }
  let reading = Promise.resolve()
  const timer = setInterval(() => {
    // A log that cannot be read is no reason to end what it tells about.
    reading = reading.then(follow).catch((error: unknown) => {
      clearInterval(timer)
      onLine(`${path} is no longer followed: ${error}`)
    })
  }, pollIntervalMs)
  return {
    async close() {
      clearInterval(timer)
      await reading
      await reader.read()
      await file.close()
    },
  }
}

class LineReader {
  position: number
  readonly #file: FileHandle
  readonly #onLine: (line: string) => void
  readonly #chunk = Buffer.allocUnsafe(chunkBytes)
  #rest = Buffer.alloc(0)

  constructor(file: FileHandle, position: number, onLine: (line: string) => void) {
    this.#file = file
    this.position = position
    this.#onLine = onLine
  }

  async read(): Promise<void> {
    for (;;) {
      const { bytesRead } = await this.#file.read(this.#chunk, 0, chunkBytes, this.position)
      if (bytesRead === 0) return
      this.position += bytesRead
      this.#take(Buffer.concat([this.#rest, this.#chunk.subarray(0, bytesRead)]))
    }
  }

  #take(bytes: Buffer): void {
    let start = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      this.#onLine(bytes.toString('utf8', start, Math.min(end, start + lineBytesMax)))
      start = end + 1
    }
    this.#rest = Buffer.from(bytes.subarray(start))
    if (this.#rest.length <= lineBytesMax) return
    this.#onLine(this.#rest.toString('utf8', 0, lineBytesMax))
    this.#rest = Buffer.alloc(0)
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    ignoreMissing(error)
    return 0
  }
}

function ignoreMissing(error: unknown): void {
  if (!isSystemError(error, 'ENOENT')) throw error
}
