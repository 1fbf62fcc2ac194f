/**
 * SHA-256, synchronous, the one hash of the whole package (product contract §5).
 *
 * Two engines give the same bytes: the host's own where there is one that answers synchronously (Node, Deno, Bun:
 * 0.6 µs for a tree node), else the portable one (browsers, Workers: 1.2 µs). The native one is found through
 * `process.getBuiltinModule`, not through an import, so that this source runs unchanged and unbundled everywhere.
 */
import { sha256PortableInto } from './sha256-portable.ts'

/** Bytes of every digest, so of every leaf, node and root. */
export const HASH_BYTES = 32

/** A source of SHA-256. Must be synchronous, and must read its whole input before it writes its output. */
export interface Sha256Engine {
  readonly name: string
  /** Writes the 32 bytes of SHA-256(`input`) to `output` at `at`. */
  bytes(input: Uint8Array, output: Uint8Array, at: number): void
  /** The same of the UTF-8 bytes of `input`, which must be well-formed Unicode. */
  text(input: string, output: Uint8Array, at: number): void
}

const utf8 = new TextEncoder()

/** The engine for hosts without a synchronous native one. */
export const portableSha256: Sha256Engine = {
  name: 'portable',
  bytes: sha256PortableInto,
  text: (input, output, at) => sha256PortableInto(utf8.encode(input), output, at),
}

let engine = hostSha256(Reflect.get(globalThis, 'process'))

/** The engine in use. */
export function sha256Engine(): Sha256Engine {
  return engine
}

/** Replaces the engine of this process, for a host with a faster one, and for tests that compare the two. */
export function useSha256(replacement: Sha256Engine): void {
  engine = replacement
}

/** SHA-256 of bytes: 32 new bytes. */
export function sha256(input: Uint8Array): Uint8Array {
  const digest = new Uint8Array(HASH_BYTES)
  engine.bytes(input, digest, 0)
  return digest
}

/** SHA-256 of the UTF-8 bytes of `input`: 32 new bytes. Refuse ill-formed strings before (`jcs.ts` does). */
export function sha256Text(input: string): Uint8Array {
  const digest = new Uint8Array(HASH_BYTES)
  engine.text(input, digest, 0)
  return digest
}

/** Writes SHA-256(`input`) to `output` at `at`, for loops that may not allocate. The two may overlap. */
export function sha256Into(input: Uint8Array, output: Uint8Array, at: number): void {
  engine.bytes(input, output, at)
}

/**
 * The engine of a host: its own where its `process` offers `crypto.hash` (Node ≥ 20.12), else the portable one.
 * One-shot with a latin1 answer: a Buffer for each digest costs three times the hash (2.3 µs against 0.6 µs).
 */
export function hostSha256(process: unknown): Sha256Engine {
  const getBuiltinModule = memberOf(process, 'getBuiltinModule')
  if (typeof getBuiltinModule !== 'function') return portableSha256
  const hash = memberOf(Reflect.apply(getBuiltinModule, process, ['node:crypto']), 'hash')
  if (typeof hash !== 'function') return portableSha256
  return {
    name: 'native',
    bytes: (input, output, at) => writeLatin1(hash('sha256', offHeap(input), 'latin1'), output, at),
    text: (input, output, at) => writeLatin1(hash('sha256', input, 'latin1'), output, at),
  }
}

// V8 keeps arrays of up to 64 bytes on its own heap, and moves one out (2 µs) when native code first asks for it.
const ON_HEAP_BYTES_MAX = 64
const offHeapMemory = new Uint8Array(2 * ON_HEAP_BYTES_MAX)
const offHeapViews = Array.from({ length: ON_HEAP_BYTES_MAX + 1 }, (_, size) =>
  offHeapMemory.subarray(0, size),
)

/** The same bytes where native code reaches them at no cost; valid until the next call. */
function offHeap(input: Uint8Array): Uint8Array {
  const view = offHeapViews[input.length]
  view?.set(input)
  return view ?? input
}

function memberOf(owner: unknown, name: string): unknown {
  return typeof owner === 'object' && owner !== null ? Reflect.get(owner, name) : undefined
}

/** A loop, not `Buffer.latin1Write`: as fast for 32 bytes, needs no Buffer, and keeps small arrays on V8's heap. */
function writeLatin1(digest: string, output: Uint8Array, at: number): void {
  for (let i = 0; i < HASH_BYTES; i++) output[at + i] = digest.charCodeAt(i)
}
