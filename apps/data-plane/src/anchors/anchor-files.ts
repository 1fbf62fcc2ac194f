import * as nodeFiles from 'node:fs/promises'
import { dirname } from 'node:path'

/** The file system as the anchor uses it. A seam: tests let any single call fail. */
export type AnchorFiles = Pick<
  typeof nodeFiles,
  'mkdir' | 'open' | 'readdir' | 'readFile' | 'rename' | 'rm' | 'rmdir'
>

export const systemFiles: AnchorFiles = nodeFiles

/** How many folders are remembered to be on disk; forgetting one costs a few calls. */
const FOLDERS_MAX = 1_000

/** Writing that survives a power cut once it returns: the file's bytes, and the folders that lead to it. */
export class DurableFiles {
  readonly #files: AnchorFiles
  /** Folders that this process has seen to be on disk, with all above them up to the anchor's. */
  readonly #folders = new Set<string>()

  constructor(files: AnchorFiles) {
    this.#files = files
  }

  /**
   * Makes a folder below `root`, and sees to it, once in this process, that it and those above it are on disk, whoever
   * made them: a process that died between making a folder and flushing it leaves one that only looks durable.
   */
  async ensureFolder(root: string, path: string): Promise<void> {
    if (this.#folders.has(path)) return
    const first = await this.#files.mkdir(path, { recursive: true })
    const top = Math.min(root.length, first?.length ?? root.length)
    for (let made = path; made.length >= top; made = dirname(made)) await this.syncFolder(dirname(made))
    if (this.#folders.size >= FOLDERS_MAX) this.#folders.clear()
    this.#folders.add(path)
  }

  /** Forgets which folders are on disk: something went wrong, or somebody removed one. */
  forgetFolders(): void {
    this.#folders.clear()
  }

  /** Writes a file whole. Its folder is the caller's to flush. */
  async write(path: string, bytes: Uint8Array): Promise<void> {
    await this.#onFile(path, 'w', bytes)
  }

  /** Appends to a file, which is made where it is missing. */
  async append(path: string, text: string): Promise<void> {
    await this.#onFile(path, 'a', text)
  }

  /** Replaces a file; readers see the old one or the new one, never a mixture. `temporary`: in the same folder. */
  async replace(path: string, temporary: string, bytes: Uint8Array): Promise<void> {
    await this.write(temporary, bytes)
    await this.#files.rename(temporary, path)
    await this.syncFolder(dirname(path))
  }

  /** Cuts a file to its first `length` bytes. */
  async cut(path: string, length: number): Promise<void> {
    const file = await this.#files.open(path, 'r+')
    try {
      await file.truncate(length)
      await file.datasync()
    } finally {
      await file.close()
    }
  }

  /** What was made, renamed or removed in a folder is on disk when this returns. */
  async syncFolder(path: string): Promise<void> {
    const folder = await this.#files.open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  }

  async #onFile(path: string, flags: 'a' | 'w', data: string | Uint8Array): Promise<void> {
    const file = await this.#files.open(path, flags)
    try {
      // Not `write`: that may write less than it was given and say so only in its answer.
      await file.writeFile(data)
      await file.datasync()
    } finally {
      await file.close()
    }
  }
}

/** For `catch`: the value where a file or folder is missing; every other error goes on. */
export function absentAs<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return value
    throw error
  }
}
