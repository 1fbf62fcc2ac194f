/**
 * SHA-256 (FIPS 180-4) in plain TypeScript: the engine where no native synchronous one exists (browsers, Workers).
 * WebCrypto digests are asynchronous, and one promise per tree node would cost more than the hash.
 */

/** FIPS 180-4 §4.2.2: first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const ROUND_CONSTANTS = fractionalRoots(64, Math.cbrt)
/** FIPS 180-4 §5.3.3: the same of the square roots of the first 8 primes. */
const INITIAL_STATE = fractionalRoots(8, Math.sqrt)

const BLOCK_BYTES = 64
/** Bytes of padding that every message needs at least: the bit 1 and the 64-bit length. */
const PADDING_BYTES_MIN = 9

// One message at a time: these are scratch space, never state that outlives a call.
const state = new Int32Array(8)
const schedule = new Int32Array(64)
const lastBlocks = new Uint8Array(2 * BLOCK_BYTES)

/** Writes the 32 bytes of SHA-256(`input`) to `output` at `at`. `input` and `output` may overlap. */
export function sha256PortableInto(input: Uint8Array, output: Uint8Array, at: number): void {
  state.set(INITIAL_STATE)
  const rest = input.length % BLOCK_BYTES
  const whole = input.length - rest
  for (let from = 0; from < whole; from += BLOCK_BYTES) compress(input, from)

  lastBlocks.fill(0)
  for (let i = 0; i < rest; i++) lastBlocks[i] = input[whole + i]! // below length
  lastBlocks[rest] = 0x80
  const end = rest + PADDING_BYTES_MIN > BLOCK_BYTES ? 2 * BLOCK_BYTES : BLOCK_BYTES
  writeUint32(lastBlocks, end - 8, Math.floor(input.length / 2 ** 29))
  writeUint32(lastBlocks, end - 4, input.length << 3)
  for (let from = 0; from < end; from += BLOCK_BYTES) compress(lastBlocks, from)

  for (let i = 0; i < 8; i++) writeUint32(output, at + 4 * i, word(state, i))
}

/** FIPS 180-4 §6.2.2: folds the 64 bytes of `bytes` at `from` into the state. */
function compress(bytes: Uint8Array, from: number): void {
  expandSchedule(bytes, from)
  let a = word(state, 0)
  let b = word(state, 1)
  let c = word(state, 2)
  let d = word(state, 3)
  let e = word(state, 4)
  let f = word(state, 5)
  let g = word(state, 6)
  let h = word(state, 7)
  for (let t = 0; t < 64; t++) {
    const bigSigma1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const choice = (e & f) ^ (~e & g)
    const temp1 = (h + bigSigma1 + choice + word(ROUND_CONSTANTS, t) + word(schedule, t)) | 0
    const bigSigma0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const majority = (a & b) ^ (a & c) ^ (b & c)
    h = g
    g = f
    f = e
    e = (d + temp1) | 0
    d = c
    c = b
    b = a
    a = (temp1 + bigSigma0 + majority) | 0
  }
  state[0] = word(state, 0) + a
  state[1] = word(state, 1) + b
  state[2] = word(state, 2) + c
  state[3] = word(state, 3) + d
  state[4] = word(state, 4) + e
  state[5] = word(state, 5) + f
  state[6] = word(state, 6) + g
  state[7] = word(state, 7) + h
}

function expandSchedule(bytes: Uint8Array, from: number): void {
  for (let t = 0; t < 16; t++) schedule[t] = readUint32(bytes, from + 4 * t)
  for (let t = 16; t < 64; t++) {
    const w15 = word(schedule, t - 15)
    const w2 = word(schedule, t - 2)
    const sigma0 = ((w15 >>> 7) | (w15 << 25)) ^ ((w15 >>> 18) | (w15 << 14)) ^ (w15 >>> 3)
    const sigma1 = ((w2 >>> 17) | (w2 << 15)) ^ ((w2 >>> 19) | (w2 << 13)) ^ (w2 >>> 10)
    schedule[t] = word(schedule, t - 16) + sigma0 + word(schedule, t - 7) + sigma1
  }
}

/** Every index here is a constant or bounded by its loop, so there is always a word: `!` says what a check would cost. */
function word(words: Int32Array, index: number): number {
  return words[index]!
}

/** Big-endian. Blocks are whole, so the four bytes are there. */
function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** The first 32 bits of the fractional parts of `root` of the first `count` primes; the tests' vectors prove them. */
function fractionalRoots(count: number, root: (prime: number) => number): Int32Array {
  const words = new Int32Array(count)
  for (let candidate = 2, found = 0; found < count; candidate++) {
    if (!isPrime(candidate)) continue
    words[found++] = Math.floor((root(candidate) % 1) * 2 ** 32)
  }
  return words
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) {
    if (candidate % divisor === 0) return false
  }
  return true
}
