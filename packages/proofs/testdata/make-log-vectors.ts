/**
 * Makes the version 1 vectors of the log itself: signed heads (notes), inclusion of a given entry, consistency between two
 * heads. Prints them as JSON: `node make-log-vectors.ts > log-vectors-v1.json`. The committed file is checked for ever (P12).
 */
import { pathToFileURL } from 'node:url'
import { toBase64 } from '../src/base64.ts'
import { formatConsistencyProof } from '../src/consistency-proof.ts'
import { toHex } from '../src/hex.ts'
import { factText, logEntry, logTextEntry } from '../src/log-entry.ts'
import { rootOf } from '../src/merkle.ts'
import { consistencyProof, inclusionProof } from '../src/merkle-proof.ts'
import { assembleNote } from '../src/signed-note.ts'
import { formatTlogProof } from '../src/tlog-proof.ts'
import type { VectorPolicy } from './make-vectors.ts'
import {
  log,
  makeWorld,
  ORIGIN,
  otherLog,
  rotatedLog,
  signatureOf,
  signedBody,
  signedHead,
  witnessOne,
  witnessTwo,
  type World,
} from './vector-world.ts'

interface VectorCase {
  readonly name: string
  readonly policy: VectorPolicy
  readonly verified: boolean
  /** For refusals: the step that fails. */
  readonly failedStep?: string
}

/** A signed log checkpoint alone. */
export interface NoteVector extends VectorCase {
  readonly kind: 'note'
  readonly note: string
}

/** A tlog-proof without extra data, of the entry (33 bytes, hex) that stands beside it. */
export interface InclusionVector extends VectorCase {
  readonly kind: 'inclusion'
  readonly entry: string
  readonly proof: string
}

/** Two signed log checkpoints and the JSON of the consistency proof between them. */
export interface ConsistencyVector extends VectorCase {
  readonly kind: 'consistency'
  readonly older: string
  readonly newer: string
  readonly proof: string
}

export type LogVector = NoteVector | InclusionVector | ConsistencyVector

export interface LogVectorFile {
  readonly format: 'pacspace-log-proofs/v1'
  readonly vectors: readonly LogVector[]
}

const POLICY: VectorPolicy = { logKeys: [log.text] }
const WITNESSED: VectorPolicy = { logKeys: [log.text], witnessKeys: [witnessOne.text, witnessTwo.text], witnessesRequired: 2 }
const ROTATED: VectorPolicy = { logKeys: [log.text, rotatedLog.text] }

/** All vectors of version 1 of the log's own proofs, always the same. */
export function makeLogVectors(): LogVectorFile {
  const world = makeWorld()
  return {
    format: 'pacspace-log-proofs/v1',
    vectors: [...goodNotes(world), ...badNotes(world), ...inclusions(world), ...badInclusions(world), ...consistencies(world), ...badConsistencies(world)],
  }
}

// --- notes --------------------------------------------------------------------------------------------------------

function note(name: string, text: string, failedStep?: string, policy: VectorPolicy = POLICY): NoteVector {
  return { name: `note: ${name}`, kind: 'note', policy, ...verdict(failedStep), note: text }
}

function verdict(failedStep: string | undefined): Pick<VectorCase, 'verified' | 'failedStep'> {
  return failedStep === undefined ? { verified: true } : { verified: false, failedStep }
}

function goodNotes(world: World): NoteVector[] {
  const all = world.log.length
  return [
    ...[0, 1, 2, 7, 8, 31, all].map((size) => note(`of size ${size}`, signedHead(world, size, [log]))),
    note('with extension lines', signedHead(world, all, [log], ['one', 'two'])),
    note('cosigned, witnesses demanded', signedHead(world, all, [log, witnessOne, witnessTwo]), undefined, WITNESSED),
    note('cosigned, nobody asked', signedHead(world, all, [log, witnessOne])),
    note('an unknown signature beside', signedHead(world, all, [log, otherLog])),
    note('of the key before a rotation', signedHead(world, 7, [log]), undefined, ROTATED),
    note('of the key after a rotation', signedHead(world, all, [rotatedLog]), undefined, ROTATED),
    note('of both keys', signedHead(world, all, [log, rotatedLog]), undefined, ROTATED),
    note('of another log, trusted for itself', signedBody(`${otherLog.key.name}\n3\n${toBase64(rootOf(world.log, 0, 3))}\n`, [otherLog]), undefined, { logKeys: [otherLog.text] }),
  ]
}

function badNotes(world: World): NoteVector[] {
  const size = world.log.length
  const sound = signedHead(world, size, [log])
  const [, , rootLine = '', , signature = ''] = sound.split('\n')
  const body = sound.slice(0, sound.indexOf('\n\n') + 1)
  const changed = (from: string, to: string): string => sound.replace(from, to)
  return [
    note('without a key', sound, 'logSignature', { logKeys: [] }),
    note('of another key', sound, 'logSignature', { logKeys: [rotatedLog.text] }),
    note('of another log, not trusted for this one', signedBody(body, [otherLog]), 'logSignature', { logKeys: [otherLog.text] }),
    note('of a witness only', signedBody(body, [witnessOne]), 'logSignature'),
    note('a larger size', changed(`\n${size}\n`, `\n${size + 1}\n`), 'logSignature'),
    note('another root', changed(rootLine, toBase64(rootOf(world.log, 0, 3))), 'logSignature'),
    note('another origin', changed(ORIGIN, otherLog.key.name), 'logSignature'),
    note('an extension that was not signed', changed(`${rootLine}\n`, `${rootLine}\nmore\n`), 'logSignature'),
    note('a signature of another body', assembleNote(body, [signatureOf(log, `${body}more\n`)]), 'logSignature'),
    note('too few witnesses', signedHead(world, size, [log, witnessOne]), 'witnesses', WITNESSED),
    note('one witness twice', signedHead(world, size, [log, witnessOne, witnessOne]), 'witnesses', WITNESSED),
    note('a wrong cosignature', assembleNote(body, [signatureOf(log, body), signatureOf(witnessOne, `${body}x\n`)]), 'cosignature', WITNESSED),
    note('a size with a zero in front', changed(`\n${size}\n`, `\n0${size}\n`), 'format'),
    note('a size with a sign', changed(`\n${size}\n`, `\n+${size}\n`), 'format'),
    note('a negative size', changed(`\n${size}\n`, `\n-${size}\n`), 'format'),
    note('a size beyond 2^53', changed(`\n${size}\n`, `\n${2n ** 53n}\n`), 'format'),
    note('a size with a fraction', changed(`\n${size}\n`, `\n${size}.0\n`), 'format'),
    note('no size', changed(`\n${size}\n`, '\n\n'), 'format'),
    note('a root too short', changed(rootLine, toBase64(new Uint8Array(31))), 'format'),
    note('a root in hex', changed(rootLine, toHex(rootOf(world.log))), 'format'),
    note('two lines', `${ORIGIN}\n${size}\n\n${signature}\n`, 'format'),
    note('no signature', `${body}\n`, 'format'),
    note('no empty line', changed('\n\n', '\n'), 'format'),
    note('a hyphen for the dash', changed('—', '-'), 'format'),
    note('carriage returns', sound.replaceAll('\n', '\r\n'), 'format'),
    note('a newline more', `${sound}\n`, 'format'),
    note('a newline less', sound.slice(0, -1), 'format'),
    note('a byte order mark', `\ufeff${sound}`, 'logSignature'),
    note('NUL behind', `${sound}\0`, 'format'),
    note('65 signatures', `${body}\n${`${signature}\n`.repeat(65)}`, 'format'),
    note('empty', '', 'format'),
    note('a JSON text', '{"size":38}', 'format'),
    ...[4, 35, 36, 67].map((byte) => note(`signature, byte ${byte} changed`, changed(signature, flippedSignature(signature, byte)), 'logSignature')),
    note('signature of another key ID', changed(signature, flippedSignature(signature, 0)), 'logSignature'),
    note('signature cut', changed(signature, signature.replace(/\S+$/, (text) => toBase64(bytesOf(text).subarray(0, 60)))), 'logSignature'),
  ]
}

// --- inclusion ------------------------------------------------------------------------------------------------------

/** The entries whose payloads the world tells: a delta's by its root, a fact's by its text. */
function entriesOf(world: World): ReadonlyMap<number, Uint8Array> {
  const entries = new Map<number, Uint8Array>()
  for (const [customerId, ledger] of world.deltas) {
    for (const [n, { logIndex }] of ledger.entries()) entries.set(logIndex, logEntry('delta', rootOf(world.leaves.get(customerId) ?? [], 0, n + 1)))
  }
  for (const { fact, logIndex } of world.facts) entries.set(logIndex, logTextEntry('fact', factText(fact)))
  return entries
}

function inclusion(name: string, entry: Uint8Array, proof: string, failedStep?: string, policy: VectorPolicy = POLICY): InclusionVector {
  return { name: `inclusion: ${name}`, kind: 'inclusion', policy, ...verdict(failedStep), entry: toHex(entry), proof }
}

function bareProof(world: World, index: number, size: number, noteText: string = signedHead(world, size, [log])): string {
  return formatTlogProof({ index, path: inclusionProof(world.log.slice(0, size), index), note: noteText })
}

function inclusions(world: World): InclusionVector[] {
  const size = world.log.length
  const good = [...entriesOf(world)].map(([index, entry]) => inclusion(`entry ${index} of ${size}`, entry, bareProof(world, index, size)))
  const first = entriesOf(world).get(0)!
  for (const before of [1, 2, 3, 4, 5, 8, 9]) good.push(inclusion(`entry 0 of ${before}`, first, bareProof(world, 0, before)))
  good.push(inclusion('cosigned', first, bareProof(world, 0, size, signedHead(world, size, [log, witnessOne, witnessTwo])), undefined, WITNESSED))
  return good
}

function badInclusions(world: World): InclusionVector[] {
  const size = world.log.length
  const entries = entriesOf(world)
  const [index, other] = [5, 9]
  const entry = entries.get(index)!
  const path = inclusionProof(world.log, index)
  const head = signedHead(world, size, [log])
  const sound = bareProof(world, index, size)
  const made = (changed: Partial<Parameters<typeof formatTlogProof>[0]>): string => formatTlogProof({ index, path, note: head, ...changed })
  const bad = (name: string, proof: string, failedStep: string, policy?: VectorPolicy): InclusionVector => inclusion(name, entry, proof, failedStep, policy)
  return [
    inclusion('another entry of the log', entries.get(other)!, sound, 'logRoot'),
    inclusion('the same payload as another kind', logEntry('checkpoint', rootOf(world.leaves.get('bob.inc') ?? [], 0, 1)), sound, 'logRoot'),
    inclusion('its leaf hash for the entry', Uint8Array.of(1, ...world.log[index]!), sound, 'logRoot'),
    inclusion('an entry of 32 bytes', entry.subarray(1), sound, 'format'),
    inclusion('an entry of 34 bytes', Uint8Array.of(...entry, 0), sound, 'format'),
    inclusion('no entry', new Uint8Array(), sound, 'format'),
    ...[0, 1, 32].map((byte) => inclusion(`entry, byte ${byte} changed`, entry.with(byte, (entry[byte] ?? 0) ^ 0x80), sound, 'logRoot')),
    ...path.map((hash, i) => bad(`path ${i} changed`, made({ path: path.with(i, hash.with(31, (hash[31] ?? 0) ^ 1)) }), 'logRoot')),
    ...path.map((_, i) => bad(`path without ${i}`, made({ path: path.toSpliced(i, 1) }), 'logRoot')),
    bad('path with a hash more', made({ path: [...path, path[0]!] }), 'logRoot'),
    bad('path swapped', made({ path: path.toReversed() }), 'logRoot'),
    bad('no path', made({ path: [] }), 'logRoot'),
    bad('path of 54', made({ path: Array<Uint8Array>(54).fill(path[0]!) }), 'format'),
    ...[0, index - 1, index + 1, size, 2 ** 40].map((at) => bad(`index ${at}`, made({ index: at }), 'logRoot')),
    bad('index beyond 2^53', sound.replace(`index ${index}`, `index ${2n ** 53n}`), 'format'),
    bad('index negative', sound.replace(`index ${index}`, `index -${index}`), 'format'),
    bad('extra data', made({ extra: Buffer.from('{"v":1}') }), 'format'),
    bad('empty extra data', sound.replace('index', 'extra \nindex'), 'format'),
    bad('version 2', sound.replace('@v1', '@v2'), 'format'),
    bad('no first line', sound.slice(sound.indexOf('\n') + 1), 'format'),
    bad('carriage returns', sound.replaceAll('\n', '\r\n'), 'format'),
    bad('no head', sound.slice(0, sound.indexOf('\n\n')), 'format'),
    bad('the head of a smaller log', bareProof(world, index, size, signedHead(world, size - 1, [log])), 'logRoot'),
    bad('the head of the empty log', bareProof(world, index, size, signedHead(world, 0, [log])), 'logRoot'),
    bad('a head of another size, unsigned', sound.replace(`\n${size}\n`, `\n${2 * size}\n`), 'logRoot'),
    bad('a head that another log signed', bareProof(world, index, size, signedHead(world, size, [otherLog])), 'logSignature'),
    bad('without a key', sound, 'logSignature', { logKeys: [] }),
    bad('too few witnesses', sound, 'witnesses', WITNESSED),
  ]
}

// --- consistency ----------------------------------------------------------------------------------------------------

interface ConsistencyParts {
  readonly older: string
  readonly newer: string
  readonly proof: string
}

function partsOf(world: World, from: number, to: number): ConsistencyParts {
  return {
    older: signedHead(world, from, [log]),
    newer: signedHead(world, to, [log]),
    proof: formatConsistencyProof({ from, to, path: from === 0 ? [] : consistencyProof(world.log.slice(0, to), from) }),
  }
}

function consistency(name: string, parts: ConsistencyParts, failedStep?: string, policy: VectorPolicy = POLICY): ConsistencyVector {
  return { name: `consistency: ${name}`, kind: 'consistency', policy, ...verdict(failedStep), ...parts }
}

function consistencies(world: World): ConsistencyVector[] {
  const size = world.log.length
  const pairs = [[0, 0], [0, 5], [1, 1], [1, 2], [1, size], [2, 3], [3, 4], [3, 7], [4, 8], [5, 8], [6, 7], [7, 8], [8, 9], [8, 16], [15, 16], [16, 17], [16, 32], [17, 31], [20, size], [31, 32], [32, size], [size - 1, size], [size, size]] as const
  const rotated = { ...partsOf(world, 7, size), newer: signedHead(world, size, [rotatedLog]) }
  const witnessed = { ...partsOf(world, 7, size), older: signedHead(world, 7, [log, witnessOne, witnessTwo]), newer: signedHead(world, size, [witnessTwo, log, witnessOne]) }
  return [
    ...pairs.map(([from, to]) => consistency(`from ${from} to ${to}`, partsOf(world, from, to))),
    consistency('across a rotation of the key', rotated, undefined, ROTATED),
    consistency('both heads cosigned', witnessed, undefined, WITNESSED),
  ]
}

function badConsistencies(world: World): ConsistencyVector[] {
  const [from, to] = [11, world.log.length]
  const sound = partsOf(world, from, to)
  const path = consistencyProof(world.log, from)
  const made = (claim: { readonly from?: number; readonly to?: number; readonly path?: readonly Uint8Array[] }): ConsistencyParts => ({
    ...sound,
    proof: formatConsistencyProof({ from, to, path, ...claim }),
  })
  const text = (proof: string): ConsistencyParts => ({ ...sound, proof })
  const forked = world.log.with(2, world.log[3]!)
  const fork = (size: number): string => signedBody(`${ORIGIN}\n${size}\n${toBase64(rootOf(forked, 0, size))}\n`, [log])
  const elsewhere = signedBody(`${otherLog.key.name}\n${to}\n${toBase64(rootOf(world.log))}\n`, [otherLog])
  return [
    consistency('a log that was rewritten', { ...sound, newer: fork(to) }, 'logRoot'),
    consistency('a log that was rewritten, with the proof of its own', { older: sound.older, newer: fork(to), proof: formatConsistencyProof({ from, to, path: consistencyProof(forked, from) }) }, 'previousRoot'),
    consistency('an older head of a fork', { ...sound, older: fork(from) }, 'previousRoot'),
    consistency('two roots of one size', { older: sound.newer, newer: fork(to), proof: formatConsistencyProof({ from: to, to, path: [] }) }, 'logRoot'),
    consistency('from a power of two, rewritten', { ...partsOf(world, 8, to), newer: fork(to) }, 'logRoot'),
    consistency('from the empty log, with another root', { ...partsOf(world, 0, to), older: signedBody(`${ORIGIN}\n0\n${toBase64(new Uint8Array(32))}\n`, [log]) }, 'previousRoot'),
    consistency('heads swapped', { ...sound, older: sound.newer, newer: sound.older }, 'format'),
    consistency('heads and sizes swapped', { older: sound.newer, newer: sound.older, proof: formatConsistencyProof({ from: to, to: from, path }) }, 'previousRoot'),
    consistency('heads of two logs', { ...sound, newer: elsewhere }, 'format', { logKeys: [log.text, otherLog.text] }),
    consistency('an older head that nobody signed', { ...sound, older: signedHead(world, from, [otherLog]) }, 'logSignature'),
    consistency('a newer head that nobody signed', { ...sound, newer: signedHead(world, to, [otherLog]) }, 'logSignature'),
    consistency('without a key', sound, 'logSignature', { logKeys: [] }),
    consistency('a newer head of a key that is not trusted', { ...sound, newer: signedHead(world, to, [rotatedLog]) }, 'logSignature'),
    consistency('an older head without witnesses', { ...sound, newer: signedHead(world, to, [log, witnessOne, witnessTwo]) }, 'witnesses', WITNESSED),
    consistency('sizes of other heads', made({ from: from + 1 }), 'format'),
    consistency('a size beyond the head', made({ to: to + 1 }), 'format'),
    // From 11 to 38, hashes 0, 2 and 4 are of entries that the older log has; the others are of newer ones.
    ...path.map((hash, i) => consistency(`path ${i} changed`, made({ path: path.with(i, hash.with(0, (hash[0] ?? 0) ^ 0x80)) }), [0, 2, 4].includes(i) ? 'previousRoot' : 'logRoot')),
    ...path.map((_, i) => consistency(`path without ${i}`, made({ path: path.toSpliced(i, 1) }), 'previousRoot')),
    consistency('path with a hash more', made({ path: [...path, path[0]!] }), 'previousRoot'),
    consistency('path swapped', made({ path: path.toReversed() }), 'previousRoot'),
    consistency('no path', made({ path: [] }), 'previousRoot'),
    consistency('a path between equal heads', { older: sound.newer, newer: sound.newer, proof: formatConsistencyProof({ from: to, to, path }) }, 'previousRoot'),
    consistency('a path from the empty log', { ...partsOf(world, 0, to), proof: formatConsistencyProof({ from: 0, to, path }) }, 'previousRoot'),
    consistency('path of 55', made({ path: Array<Uint8Array>(55).fill(path[0]!) }), 'format'),
    consistency('hashes in capitals', text(sound.proof.toUpperCase().replaceAll('0X', '0x').replace('FROM', 'from').replace('TO', 'to').replace('PROOF', 'proof')), 'format'),
    consistency('hashes in base64', text(JSON.stringify({ from, proof: path.map(toBase64), to })), 'format'),
    consistency('a member more', text(sound.proof.replace('}', ',"v":1}')), 'format'),
    consistency('a member less', text(sound.proof.replace(`"from":${from},`, '')), 'format'),
    consistency('a member twice', text(sound.proof.replace('{', `{"from":${from},`)), 'format'),
    consistency('another order', text(`{"to":${to},${sound.proof.slice(1, sound.proof.lastIndexOf(','))}}`), 'format'),
    consistency('white space', text(sound.proof.replaceAll(',', ', ')), 'format'),
    consistency('a newline behind', text(`${sound.proof}\n`), 'format'),
    consistency('sizes as text', text(sound.proof.replace(`:${from},`, `:"${from}",`)), 'format'),
    consistency('sizes with a fraction', text(sound.proof.replace(`:${from},`, `:${from}.5,`)), 'format'),
    consistency('a list', text(`[${sound.proof}]`), 'format'),
    consistency('null', text('null'), 'format'),
    consistency('no proof', text(''), 'format'),
    consistency('an older head that is none', { ...sound, older: sound.proof }, 'format'),
    consistency('a newer head that is none', { ...sound, newer: '' }, 'format'),
  ]
}

function bytesOf(base64: string): Buffer {
  return Buffer.from(base64, 'base64')
}

function flippedSignature(line: string, byte: number): string {
  return line.replace(/\S+$/, (text) => {
    const bytes = bytesOf(text)
    bytes.writeUInt8(bytes.readUInt8(byte) ^ 0x80, byte)
    return toBase64(bytes)
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(`${JSON.stringify(makeLogVectors(), null, 1)}\n`)
}
