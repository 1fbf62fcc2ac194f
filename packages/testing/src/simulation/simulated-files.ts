import { Buffer } from 'node:buffer'
import { posix } from 'node:path'
import type { SeededRandom } from '../seeded-random.ts'

interface FileNode {
  bytes: Buffer
  /** What a power cut leaves. */
  durable: Buffer
}

interface FolderNode {
  entries: Map<string, Node>
  durable: Map<string, Node>
}

type Node = FileNode | FolderNode

/** Lets an operation happen as a step of whoever does it. */
export type AsStep = <T>(name: string, work: () => T) => Promise<T>

class FileError extends Error {
  readonly code: string

  constructor(code: string, path: string) {
    super(`${code}: ${path}`)
    this.code = code
  }
}

/**
 * A disk that forgets what was not flushed: a file's bytes until `datasync`, a folder's names until it is synced (POSIX
 * fsync). Only what the anchor uses of node:fs/promises, and only absolute paths.
 */
export class SimulatedDisk {
  readonly #root: FolderNode = { entries: new Map(), durable: new Map() }
  /** Mutation: flushing does nothing. */
  readonly #forgetsFlushes: boolean

  constructor(options: { readonly forgetsFlushes?: boolean } = {}) {
    this.#forgetsFlushes = options.forgetsFlushes ?? false
  }

  /** The disk as one process sees it. */
  filesFor(asStep: AsStep) {
    return {
      mkdir: (path: string) => asStep('mkdir', () => this.#mkdir(path)),
      open: (path: string, flags: string) => asStep(`open ${flags}`, () => this.#open(path, flags, asStep)),
      readdir: (path: string) => asStep('readdir', () => [...this.#folder(path).entries.keys()]),
      readFile: (path: string) => asStep('readFile', () => this.#file(path).bytes.toString()),
      rename: (from: string, to: string) => asStep('rename', () => this.#rename(from, to)),
      rm: (path: string) => asStep('rm', () => this.#remove(path)),
      rmdir: (path: string) => asStep('rmdir', () => this.#rmdir(path)),
    }
  }

  /** The bytes of a file as a power cut now would certainly leave them; undefined where it would be gone. */
  durableBytes(path: string): Buffer | undefined {
    let node: Node | undefined = this.#root
    for (const name of partsOf(path)) node = node && 'entries' in node ? node.durable.get(name) : undefined
    return node && 'bytes' in node ? node.durable : undefined
  }

  /** The host dies: of what was not flushed, any part may survive, torn or whole. */
  loseUnsynced(random: SeededRandom): void {
    const visit = (folder: FolderNode) => {
      for (const name of new Set([...folder.entries.keys(), ...folder.durable.keys()])) {
        const [now, durable] = [folder.entries.get(name), folder.durable.get(name)]
        const kept = now === durable || random.integer(2) === 0 ? now : durable
        if (kept === undefined) folder.entries.delete(name)
        else folder.entries.set(name, kept)
      }
      folder.durable = new Map(folder.entries)
      for (const node of folder.entries.values()) {
        if ('entries' in node) visit(node)
        else node.durable = node.bytes = survivor(node, random)
      }
    }
    visit(this.#root)
  }

  #open(path: string, flags: string, asStep: AsStep) {
    let node = this.#find(path)
    if (node === undefined && (flags === 'r' || flags === 'r+')) throw new FileError('ENOENT', path)
    if (node === undefined) {
      node = { bytes: Buffer.alloc(0), durable: Buffer.alloc(0) }
      this.#folder(posix.dirname(path)).entries.set(posix.basename(path), node)
    }
    if (flags === 'w' && 'bytes' in node) node.bytes = Buffer.alloc(0)
    return this.#handle(node, flags, path, asStep)
  }

  #handle(node: Node, flags: string, path: string, asStep: AsStep) {
    const file = () => {
      if ('bytes' in node) return node
      throw new FileError('EISDIR', path)
    }
    return {
      stat: () => asStep('stat', () => ({ size: file().bytes.length })),
      read: (buffer: Buffer, offset: number, length: number, position: number) =>
        asStep('read', () => {
          const bytesRead = file().bytes.copy(buffer, offset, position, position + length)
          return { buffer, bytesRead }
        }),
      writeFile: (data: string | Uint8Array) =>
        asStep('writeFile', () => {
          const bytes = typeof data === 'string' ? Buffer.from(data) : Buffer.from(data)
          file().bytes = flags === 'a' ? Buffer.concat([file().bytes, bytes]) : bytes
        }),
      truncate: (length: number) =>
        asStep('truncate', () => {
          file().bytes = file().bytes.subarray(0, length)
        }),
      datasync: () => asStep('datasync', () => this.#flush(node)),
      sync: () => asStep('sync', () => this.#flush(node)),
      close: async () => {},
    }
  }

  #flush(node: Node): void {
    if (this.#forgetsFlushes) return
    if ('bytes' in node) node.durable = node.bytes
    else node.durable = new Map(node.entries)
  }

  #mkdir(path: string): string | undefined {
    let folder = this.#root
    let first: string | undefined
    let at = ''
    for (const name of partsOf(path)) {
      at = `${at}/${name}`
      let next = folder.entries.get(name)
      if (next === undefined) {
        next = { entries: new Map(), durable: new Map() }
        folder.entries.set(name, next)
        first ??= at
      }
      if (!('entries' in next)) throw new FileError('ENOTDIR', at)
      folder = next
    }
    return first
  }

  #rename(from: string, to: string): void {
    const node = this.#find(from)
    if (node === undefined) throw new FileError('ENOENT', from)
    this.#folder(posix.dirname(from)).entries.delete(posix.basename(from))
    this.#folder(posix.dirname(to)).entries.set(posix.basename(to), node)
  }

  #remove(path: string): void {
    this.#find(posix.dirname(path)) && this.#folder(posix.dirname(path)).entries.delete(posix.basename(path))
  }

  #rmdir(path: string): void {
    if (this.#folder(path).entries.size > 0) throw new FileError('ENOTEMPTY', path)
    this.#remove(path)
  }

  #file(path: string): FileNode {
    const node = this.#find(path)
    if (node === undefined || !('bytes' in node)) throw new FileError('ENOENT', path)
    return node
  }

  #folder(path: string): FolderNode {
    const node = this.#find(path)
    if (node === undefined || !('entries' in node)) throw new FileError('ENOENT', path)
    return node
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root
    for (const name of partsOf(path)) node = node && 'entries' in node ? node.entries.get(name) : undefined
    return node
  }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== '')
}

/** What a power cut leaves of a file: what was flushed, what was written, or a part of it. */
function survivor({ bytes, durable }: FileNode, random: SeededRandom): Buffer {
  if (bytes.equals(durable)) return bytes
  const isAppended = bytes.length > durable.length && bytes.subarray(0, durable.length).equals(durable)
  const kept = isAppended ? durable.length : 0
  switch (random.integer(3)) {
    case 0:
      return durable
    case 1:
      return bytes
    default:
      return bytes.subarray(0, kept + random.integer(bytes.length - kept + 1))
  }
}
