/**
 * Makes the version 1 proof vectors, good and bad, and prints them as JSON: `node make-vectors.ts > vectors-v1.json`.
 * The committed file is checked for ever (P12); this script is kept so that anybody can see how each vector was made.
 */
import { pathToFileURL } from 'node:url'
import { toBase64 } from '../src/base64.ts'
import { allCustomersRoot, checkpointRoot, checkpointText } from '../src/checkpoint-record.ts'
import { formatCheckpointProof } from '../src/checkpoint-proof.ts'
import { contentHash, contentText } from '../src/content-hash.ts'
import { customerReference } from '../src/customer-reference.ts'
import { type DeltaProof, formatDeltaProof } from '../src/delta-proof.ts'
import { formatFactProof } from '../src/fact-proof.ts'
import { toHex } from '../src/hex.ts'
import { canonicalJson } from '../src/jcs.ts'
import { factText, logEntry, logLeaf, logTextEntry } from '../src/log-entry.ts'
import { rootOf } from '../src/merkle.ts'
import { inclusionProof } from '../src/merkle-proof.ts'
import { itemHash, recordText } from '../src/record.ts'
import { assembleNote } from '../src/signed-note.ts'
import {
  deltaProof,
  log,
  makeWorld,
  ORIGIN,
  otherLog,
  rotatedLog,
  signatureOf,
  signedBody,
  signedHead,
  type Signer,
  witnessOne,
  witnessTwo,
  type World,
} from './vector-world.ts'

export interface VectorPolicy {
  readonly logKeys: readonly string[]
  readonly witnessKeys?: readonly string[]
  readonly witnessesRequired?: number
}

export interface ProofVector {
  readonly name: string
  readonly kind: 'delta' | 'checkpoint' | 'fact'
  readonly policy: VectorPolicy
  readonly verified: boolean
  /** For refusals: the step that fails, as `verifyDeltaProof` names it. */
  readonly failedStep?: string
  readonly proof: string
}

export interface VectorFile {
  readonly format: 'pacspace-proofs/v1'
  readonly hashes: readonly { readonly name: string; readonly input: string; readonly output: string }[]
  readonly vectors: readonly ProofVector[]
}

const POLICY: VectorPolicy = { logKeys: [log.text] }
const WITNESSED: VectorPolicy = { logKeys: [log.text], witnessKeys: [witnessOne.text, witnessTwo.text], witnessesRequired: 2 }

/** All vectors of version 1, always the same. */
export function makeVectors(): VectorFile {
  const world = makeWorld()
  return {
    format: 'pacspace-proofs/v1',
    hashes: hashVectors(world),
    vectors: [...goodDeltas(world), ...goodOthers(world), ...badFiles(world), ...badClaims(world), ...badHeads(world), ...badOthers(world)],
  }
}

function hashVectors(world: World): VectorFile['hashes'] {
  const sent = {
    customerId: 'cust_77',
    delta: '-250',
    metadata: canonicalJson({ plan: 'pilot' }),
    reason: 'seat charge',
    referenceId: 'bill_31',
  }
  const record = recordText(deltaProof(world, 'bob.inc', 7, world.log.length).record)
  const leaf = itemHash(record)
  const month = checkpointText(world.monthOfOne.record)
  const fact = factText(world.facts[1]!.fact)
  return [
    { name: 'contentHash', input: contentText(sent), output: contentHash(sent) },
    { name: 'itemHash', input: record, output: toHex(leaf) },
    { name: 'customerReference', input: 'tnt_1 cust_77', output: customerReference('tnt_1', 'cust_77') },
    { name: 'delta entry', input: toHex(leaf), output: toHex(logEntry('delta', leaf)) },
    { name: 'delta log leaf', input: toHex(leaf), output: toHex(logLeaf(logEntry('delta', leaf))) },
    { name: 'checkpoint root', input: month, output: toHex(checkpointRoot(month)) },
    {
      name: 'root of all customers',
      input: world.monthOfAll.records.map(checkpointText).join('\n'),
      output: toHex(allCustomersRoot(world.monthOfAll.records)),
    },
    { name: 'fact entry', input: fact, output: toHex(logTextEntry('fact', fact)) },
  ]
}

// --- good ---------------------------------------------------------------------------------------------------------

function goodDeltas(world: World): ProofVector[] {
  const size = world.log.length
  const note = signedHead(world, size, [log])
  const good: ProofVector[] = []
  for (const [customerId, ledger] of world.deltas) {
    for (let n = 0; n < ledger.length; n++) {
      const proof = formatDeltaProof({ ...deltaProof(world, customerId, n, size), note })
      good.push({ name: `delta ${n + 1} of ${customerId}`, kind: 'delta', policy: POLICY, verified: true, proof })
    }
  }
  const add = (name: string, proof: DeltaProof, policy = POLICY): void => {
    good.push({ name, kind: 'delta', policy, verified: true, proof: formatDeltaProof(proof) })
  }
  const claim = deltaProof(world, 'bob.inc', 7, size)
  add('a log of one entry', { ...deltaProof(world, 'alice', 0, 1), note: signedHead(world, 1, [log]) })
  for (const before of [12, 16, 17, 31]) {
    add(`in the log of size ${before}`, { ...deltaProof(world, 'bob.inc', 3, before), note: signedHead(world, before, [log]) })
  }
  for (const entryOf of [8, 15, 19]) {
    add(`by the entry of delta ${entryOf + 1}`, { ...deltaProof(world, 'bob.inc', 7, size, entryOf), note })
  }
  add('cosigned by both witnesses', { ...claim, note: signedHead(world, size, [log, witnessOne, witnessTwo]) }, WITNESSED)
  add('cosigned, log last', { ...claim, note: signedHead(world, size, [witnessTwo, witnessOne, log]) }, WITNESSED)
  add('cosigned by one of two, one required', { ...claim, note: signedHead(world, size, [log, witnessTwo]) }, { ...WITNESSED, witnessesRequired: 1 })
  add('cosigned by witnesses that nobody asked for', { ...claim, note: signedHead(world, size, [log, witnessOne]) })
  add('signed by an unknown key too', { ...claim, note: signedHead(world, size, [otherLog, log]) })
  add('signed twice by the same key', { ...claim, note: signedHead(world, size, [log, log]) })
  add('signed by the key before a rotation', { ...claim, note }, { logKeys: [rotatedLog.text, log.text] })
  add('signed by the key after a rotation', { ...claim, note: signedHead(world, size, [rotatedLog]) }, { logKeys: [rotatedLog.text, log.text] })
  add('signed by both keys of a rotation', { ...claim, note: signedHead(world, size, [log, rotatedLog]) }, { logKeys: [rotatedLog.text, log.text] })
  add('a head with extension lines', { ...claim, note: signedHead(world, size, [log], ['extension one', 'extension two']) })
  return good
}

function goodOthers(world: World): ProofVector[] {
  const size = world.log.length
  const note = signedHead(world, size, [log])
  const good: ProofVector[] = []
  for (const { fact, logIndex } of world.facts) {
    const proof = formatFactProof({ fact, logIndex, logPath: inclusionProof(world.log, logIndex), note })
    good.push({ name: `fact at ${logIndex}`, kind: 'fact', policy: POLICY, verified: true, proof })
  }
  good.push({ name: 'checkpoint of one customer', kind: 'checkpoint', policy: POLICY, verified: true, proof: proofOfMonth(world, note) })
  world.monthOfAll.records.forEach((_, i) => {
    const proof = proofOfMonthOfAll(world, i, note)
    good.push({ name: `checkpoint of all customers, record ${i}`, kind: 'checkpoint', policy: POLICY, verified: true, proof })
  })
  return good
}

function proofOfMonth(world: World, note: string): string {
  const { record, logIndex } = world.monthOfOne
  const logPath = inclusionProof(world.log, logIndex)
  return formatCheckpointProof({ checkpoint: record, checkpointIndex: 0, checkpointPath: [], checkpointsCount: 1, logIndex, logPath, note })
}

function proofOfMonthOfAll(world: World, checkpointIndex: number, note: string): string {
  const { records, logIndex } = world.monthOfAll
  const leaves = records.map((record) => checkpointRoot(checkpointText(record)))
  return formatCheckpointProof({
    checkpoint: records[checkpointIndex]!,
    checkpointIndex,
    checkpointPath: inclusionProof(leaves, checkpointIndex),
    checkpointsCount: records.length,
    logIndex,
    logPath: inclusionProof(world.log, logIndex),
    note,
  })
}

// --- bad ----------------------------------------------------------------------------------------------------------

/** The proof that is damaged below: delta 8 of bob.inc, with every optional member, cosigned by both witnesses. */
function soundProof(world: World): DeltaProof {
  const size = world.log.length
  return { ...deltaProof(world, 'bob.inc', 7, size), note: signedHead(world, size, [log, witnessOne, witnessTwo]) }
}

function refused(name: string, failedStep: string, proof: string, policy: VectorPolicy = WITNESSED): ProofVector {
  return { name, kind: 'delta', policy, verified: false, failedStep, proof }
}

/** The text of the file is damaged. */
function badFiles(world: World): ProofVector[] {
  const sound = formatDeltaProof(soundProof(world))
  const lines = sound.split('\n')
  const bad: ProofVector[] = []
  const pathStart = 3
  const pathEnd = lines.indexOf('')
  for (let i = 0; i < lines.length - 1; i++) {
    const isPath = i >= pathStart && i < pathEnd
    const isSignature = i > pathEnd + 4
    if (!isSignature) bad.push(refused(`line ${i} missing`, isPath ? 'logRoot' : lineStep(i, pathEnd), lines.toSpliced(i, 1).join('\n')))
    if (!isSignature && i < pathEnd) {
      bad.push(refused(`line ${i} doubled`, isPath ? 'logRoot' : 'format', lines.toSpliced(i, 0, lines[i] ?? '').join('\n')))
    }
    bad.push(refused(`line ${i} with a space behind`, i === pathEnd + 1 ? 'logSignature' : 'format', lines.with(i, `${lines[i]} `).join('\n')))
    bad.push(refused(`line ${i} with a carriage return`, 'format', lines.with(i, `${lines[i]}\r`).join('\n')))
  }
  for (let i = pathStart; i < pathEnd; i++) {
    for (const byte of [0, 31]) bad.push(refused(`path line ${i}, byte ${byte} changed`, 'logRoot', lines.with(i, flipped(lines[i], byte)).join('\n')))
  }
  const swapped = lines.with(pathStart, lines[pathStart + 1] ?? '').with(pathStart + 1, lines[pathStart] ?? '')
  const indexLine = lines[2] ?? ''
  const index = Number(indexLine.slice('index '.length))
  const otherIndex = (text: string): string => lines.with(2, text).join('\n')
  bad.push(
    refused('empty', 'format', ''),
    refused('one newline', 'format', '\n'),
    refused('only the first line', 'format', `${lines[0]}\n`),
    refused('without its last newline', 'format', sound.slice(0, -1)),
    refused('with a newline more', 'format', `${sound}\n`),
    refused('with text behind', 'format', `${sound}more\n`),
    refused('with a byte order mark', 'format', `\ufeff${sound}`),
    refused('with a newline in front', 'format', `\n${sound}`),
    refused('with carriage returns', 'format', sound.replaceAll('\n', '\r\n')),
    refused('with NUL behind', 'format', `${sound}\0`),
    refused('version 2 of tlog-proof', 'format', sound.replace('proof@v1', 'proof@v2')),
    refused('another format', 'format', sound.replace('c2sp.org', 'example.org')),
    refused('path lines swapped', 'logRoot', swapped.join('\n')),
    refused('path line too short', 'format', lines.with(pathStart, toBase64(new Uint8Array(31))).join('\n')),
    refused('path line too long', 'format', lines.with(pathStart, toBase64(new Uint8Array(33))).join('\n')),
    refused('path of 54 lines', 'format', lines.toSpliced(pathStart, 0, ...Array(54).fill(lines[pathStart])).join('\n')),
    refused('path without padding', 'format', lines.with(pathStart, (lines[pathStart] ?? '').replace('=', '')).join('\n')),
    refused('path with unused bits set', 'format', lines.with(pathStart, looseBase64(lines[pathStart])).join('\n')),
    refused('extra without padding', 'format', lines.with(1, `${lines[1]}=`).join('\n')),
    refused('index one less', 'logRoot', otherIndex(`index ${index - 1}`)),
    refused('index one more', 'logRoot', otherIndex(`index ${index + 1}`)),
    refused('index 0', 'logRoot', otherIndex('index 0')),
    refused('index at the size of the log', 'logRoot', otherIndex(`index ${world.log.length}`)),
    refused('index far behind the log', 'logRoot', otherIndex(`index ${2 ** 40}`)),
    refused('index beyond 2^53', 'format', otherIndex(`index ${2n ** 53n}`)),
    refused('index with a zero in front', 'format', otherIndex(`index 0${index}`)),
    refused('index negative', 'format', otherIndex(`index -${index}`)),
    refused('index with a fraction', 'format', otherIndex(`index ${index}.0`)),
    refused('index in hex', 'format', otherIndex(`index 0x${index.toString(16)}`)),
    refused('index without number', 'format', otherIndex('index ')),
    refused('index in capitals', 'format', otherIndex(`INDEX ${index}`)),
  )
  return bad
}

/** Which step misses a line that is gone, for lines outside the path. */
function lineStep(i: number, pathEnd: number): string {
  return i === pathEnd || i <= 2 || i > pathEnd ? 'format' : 'logRoot'
}

/** The extra data is damaged: everything signed stays as it was. */
function badClaims(world: World): ProofVector[] {
  const sound = soundProof(world)
  const file = formatDeltaProof(sound)
  const extra = JSON.parse(Buffer.from(file.split('\n')[1]?.slice('extra '.length) ?? '', 'base64').toString())
  const other = deltaProof(world, 'bob.inc', 6, world.log.length)
  const bad: ProofVector[] = []
  const rawExtra = (bytes: Uint8Array): string => file.replace(/^extra .*$/m, `extra ${toBase64(bytes)}`)
  const asText = (text: string): string => rawExtra(Buffer.from(text))
  const add = (name: string, step: string, change: Record<string, unknown>): void => {
    bad.push(refused(name, step, asText(canonicalJson({ ...extra, ...change }))))
  }
  const addRecord = (name: string, step: string, change: Record<string, unknown>): void => {
    add(`record ${name}`, step, { record: { ...extra.record, ...change } })
  }

  const lies: Record<string, unknown> = {
    recordId: other.record.recordId,
    customerId: 'alice',
    delta: '1000000',
    balance: '0',
    contentHash: other.record.contentHash,
    createdAt: '2026-01-02T00:00:00.000Z',
    adjusts: other.record.recordId,
    request: `0x${'11'.repeat(32)}`,
  }
  for (const [member, lie] of Object.entries(lies)) addRecord(`${member} another`, 'logRoot', { [member]: lie })
  addRecord('previousProofHash another', 'previousRoot', { previousProofHash: other.record.previousProofHash })
  addRecord('previousProofHash zero', 'previousRoot', { previousProofHash: `0x${'00'.repeat(32)}` })
  // Positions 1 and 7 have paths of the same length in a tree of 8; 9 and beyond are not in it.
  for (const sequenceNumber of [1, 7]) addRecord(`sequenceNumber ${sequenceNumber}`, 'logRoot', { sequenceNumber })
  for (const sequenceNumber of [9, 2 ** 40]) addRecord(`sequenceNumber ${sequenceNumber}`, 'customerRoot', { sequenceNumber })
  for (const member of Object.keys(extra.record)) {
    const { [member]: _gone, ...rest } = extra.record
    const isOptional = member === 'adjusts' || member === 'request'
    add(`record without ${member}`, isOptional ? 'logRoot' : 'format', { record: rest })
    addRecord(`${member} null`, 'format', { [member]: null })
    addRecord(`${member} a list`, 'format', { [member]: [extra.record[member]] })
  }
  addRecord('v 2', 'format', { v: 2 })
  addRecord('v as text', 'format', { v: '1' })
  addRecord('with a member more', 'format', { reason: 'seat charge' })
  addRecord('sequenceNumber 0', 'format', { sequenceNumber: 0 })
  addRecord('sequenceNumber with a fraction', 'format', { sequenceNumber: 7.5 })
  addRecord('sequenceNumber as text', 'format', { sequenceNumber: '8' })
  addRecord('contentHash in capitals', 'format', { contentHash: extra.record.contentHash.toUpperCase().replace('0X', '0x') })
  addRecord('contentHash without 0x', 'format', { contentHash: extra.record.contentHash.slice(2) })
  addRecord('createdAt without milliseconds', 'format', { createdAt: '2026-01-01T00:07:07Z' })
  for (const delta of ['-0', '1.0', '01', '+1', '1e2', ' 1', '1,5', '', 'NaN']) addRecord(`delta ${JSON.stringify(delta)}`, 'format', { delta })
  addRecord('delta a number', 'format', { delta: Number(extra.record.delta) })

  const path: string[] = extra.customerPath
  path.forEach((hash, i) => {
    add(`customerPath ${i} changed`, 'previousRoot', { customerPath: path.with(i, flippedHex(hash)) })
    add(`customerPath without ${i}`, 'customerRoot', { customerPath: path.toSpliced(i, 1) })
    add(`customerPath ${i} in capitals`, 'format', { customerPath: path.with(i, hash.toUpperCase()) })
  })
  add('customerPath with a hash more', 'customerRoot', { customerPath: [...path, path[0]] })
  add('customerPath swapped', 'previousRoot', { customerPath: path.toReversed() })
  add('customerPath empty', 'customerRoot', { customerPath: [] })
  add('customerPath null', 'format', { customerPath: null })
  add('customerPath of numbers', 'format', { customerPath: [1, 2, 3] })
  for (const customerSize of [7, 9, 16, 1, 2 ** 40]) add(`customerSize ${customerSize}`, 'customerRoot', { customerSize })
  add('customerSize 0', 'customerRoot', { customerSize: 0 })
  add('customerSize as text', 'format', { customerSize: '8' })
  add('customerSize with a fraction', 'format', { customerSize: 8.5 })
  add('customerSize negative', 'format', { customerSize: -8 })
  add('extra v 2', 'format', { v: 2 })
  add('extra with a member more', 'format', { note: 'hello' })
  add('record as text', 'format', { record: canonicalJson(extra.record) })
  add('record null', 'format', { record: null })
  add('another delta of the customer', 'logRoot', {
    record: JSON.parse(recordText(other.record)),
    customerPath: other.customerPath.map(toHex),
    customerSize: other.customerSize,
  })
  // Domain separation: the node above the leaf cannot be passed off as a leaf, however short the path is made.
  add('the path cut by one level', 'customerRoot', { customerPath: path.slice(1), customerSize: 4 })

  const text = canonicalJson(extra)
  const rewritten: Record<string, string> = {
    'with white space': text.replace(':', ': '),
    'with a member twice': text.replace('{', '{"customerSize":8,'),
    'with members in another order': `{"v":1,${text.slice(1, -6)}}`,
    'with an escape for a letter': text.replace('"bob.inc"', '"\\u0062ob.inc"'),
    'with 1.0 for 1': text.replace(/"v":1}$/, '"v":1.0}'),
    'with a newline behind': `${text}\n`,
    'cut': text.slice(0, -1),
    'empty': '',
    'a list': `[${text}]`,
    'null': 'null',
    'with a byte order mark': `\ufeff${text}`,
    'with a lone surrogate': text.replace('"bob.inc"', '"\\ud800"'),
    'nested too deep': text.replace('"v":1}', `"x":${'['.repeat(100)}${']'.repeat(100)}}`),
    'with __proto__': text.replace('{', '{"__proto__":{"v":1},'),
  }
  for (const [name, changed] of Object.entries(rewritten)) bad.push(refused(`extra ${name}`, 'format', asText(changed)))
  bad.push(refused('extra not UTF-8', 'format', rawExtra(Uint8Array.of(0x7b, 0xff, 0x7d))))
  bad.push(refused('without extra', 'format', file.replace(/^extra .*\n/m, '')))
  return bad
}

/** The signed head is damaged, or does not satisfy the policy. */
function badHeads(world: World): ProofVector[] {
  const size = world.log.length
  const { note: _note, ...claim } = soundProof(world)
  const withNote = (note: string): string => formatDeltaProof({ ...claim, note })
  const root = rootOf(world.log)
  const body = `${ORIGIN}\n${size}\n${toBase64(root)}\n`
  const all = [log, witnessOne, witnessTwo]
  const sound = signedBody(body, all)
  const [logLine = '', oneLine = '', twoLine = ''] = sound.slice(body.length + 1).split('\n')
  const headOf = (text: string, signers: readonly Signer[] = all): string => withNote(signedBody(text, signers))
  const linesOf = (...lines: string[]): string => withNote(`${body}\n${lines.map((line) => `${line}\n`).join('')}`)
  const stale = signatureOf(witnessOne, body, 1_767_225_601)
  const restamped = { ...stale, signature: Uint8Array.of(...stale.signature.subarray(0, 7), 0, ...stale.signature.subarray(8)) }
  const bad = [
    refused('head of another size, unsigned', 'logRoot', withNote(sound.replace(`\n${size}\n`, `\n${2 * size}\n`))),
    refused('head of another root, unsigned', 'logRoot', withNote(sound.replace(toBase64(root), flipped(toBase64(root), 5)))),
    refused('head of another origin, unsigned', 'logSignature', withNote(sound.replace(ORIGIN, otherLog.key.name))),
    refused('head with an extension, unsigned', 'logSignature', withNote(sound.replace(body, `${body}more\n`))),
    refused('head signed, of another tree', 'logRoot', headOf(`${ORIGIN}\n${size}\n${toBase64(rootOf(world.log.toReversed()))}\n`)),
    refused('head signed, of a smaller tree', 'logRoot', headOf(`${ORIGIN}\n${size - 1}\n${toBase64(rootOf(world.log, 0, size - 1))}\n`)),
    refused('head signed, of the empty tree', 'logRoot', headOf(`${ORIGIN}\n0\n${toBase64(rootOf([]))}\n`)),
    refused('head signed, origin of another log', 'logSignature', headOf(body.replace(ORIGIN, otherLog.key.name))),
    refused('head signed by another log', 'logSignature', headOf(body, [otherLog])),
    refused('head signed by a key unknown to the policy', 'logSignature', headOf(body, [rotatedLog, witnessOne, witnessTwo])),
    refused('head signed by witnesses only', 'logSignature', headOf(body, [witnessOne, witnessTwo])),
    refused('head of another log, signed by it and trusted for it', 'logSignature', headOf(body, [otherLog]), { logKeys: [otherLog.text] }),
    refused('no keys at all', 'logSignature', withNote(sound), { logKeys: [] }),
    refused('size with a zero in front', 'format', headOf(body.replace(`\n${size}`, `\n0${size}`))),
    refused('size negative', 'format', headOf(body.replace(`\n${size}`, `\n-${size}`))),
    refused('size beyond 2^53', 'format', headOf(body.replace(`\n${size}`, `\n${2n ** 53n}`))),
    refused('root too short', 'format', headOf(body.replace(toBase64(root), toBase64(root.subarray(1))))),
    refused('an empty extension line', 'format', headOf(`${body}\nmore\n`)),
    refused('two lines only', 'format', headOf(`${ORIGIN}\n${size}\n`)),
    refused('a control character in the head', 'format', withNote(sound.replace(ORIGIN, `${ORIGIN}\t`))),
    refused('no signature lines', 'format', linesOf()),
    refused('a hyphen for the dash', 'format', linesOf(logLine.replace('—', '-'), oneLine, twoLine)),
    refused('a name with a plus', 'format', linesOf(logLine.replace('pacspace.test', 'pacspace+test'), oneLine, twoLine)),
    refused('an empty name', 'format', linesOf(logLine.replace(ORIGIN, ''), oneLine, twoLine)),
    refused('two spaces before the signature', 'format', linesOf(logLine.replace(`${ORIGIN} `, `${ORIGIN}  `), oneLine, twoLine)),
    refused('a signature line without signature', 'format', linesOf(`— ${ORIGIN} ${toBase64(log.key.keyId)}`, oneLine, twoLine)),
    refused('65 signatures', 'format', linesOf(...Array<string>(65).fill(logLine))),
    refused('text between the signatures', 'format', linesOf(logLine, 'hello', oneLine, twoLine)),
    refused('the log signature of another key ID', 'logSignature', linesOf(flippedSignature(logLine, 0), oneLine, twoLine)),
    refused('a right and a wrong log signature', 'logSignature', linesOf(logLine, flippedSignature(logLine, 9), oneLine, twoLine)),
    refused('a witness of another key ID', 'witnesses', linesOf(logLine, flippedSignature(oneLine, 0), twoLine)),
    refused('a witness of another time', 'cosignature', withNote(assembleNote(body, [signatureOf(log, body), restamped]))),
    refused('a cosignature cut', 'cosignature', linesOf(logLine, oneLine.replace(/\S+$/, toBase64(decoded(oneLine).subarray(0, 68))), twoLine)),
    refused('the cosignature of another body', 'cosignature', withNote(assembleNote(body, [signatureOf(log, body), signatureOf(witnessOne, `${body}x\n`)]))),
    refused('one witness of two', 'witnesses', linesOf(logLine, oneLine)),
    refused('one witness twice', 'witnesses', linesOf(logLine, oneLine, oneLine)),
    refused('no witness', 'witnesses', linesOf(logLine)),
    refused('a witness as a log', 'logSignature', linesOf(oneLine, twoLine)),
    refused('witnesses that the policy does not know', 'witnesses', withNote(sound), { ...POLICY, witnessesRequired: 1 }),
  ]
  for (const byte of [4, 35, 36, 67]) bad.push(refused(`log signature, byte ${byte} changed`, 'logSignature', linesOf(flippedSignature(logLine, byte), oneLine, twoLine)))
  for (const byte of [4, 11, 12, 75]) {
    // A changed first byte of the time is a time beyond 2^63: as wrong as any other.
    bad.push(refused(`cosignature, byte ${byte} changed`, 'cosignature', linesOf(logLine, flippedSignature(oneLine, byte), twoLine)))
  }
  return bad
}

/** Checkpoints and facts, damaged or passed off as something else. */
function badOthers(world: World): ProofVector[] {
  const note = signedHead(world, world.log.length, [log])
  const month = proofOfMonthOfAll(world, 1, note)
  const { fact, logIndex } = world.facts[0]!
  const factProof = (changed: Record<string, unknown>): string => {
    const sound = formatFactProof({ fact, logIndex, logPath: inclusionProof(world.log, logIndex), note })
    const extra = canonicalJson({ v: 1, fact: { ...JSON.parse(factText(fact)), ...changed } })
    return sound.replace(/^extra .*$/m, `extra ${toBase64(Buffer.from(extra))}`)
  }
  const monthWith = (change: (extra: Record<string, unknown>) => unknown): string => {
    const extra = JSON.parse(Buffer.from(month.split('\n')[1]?.slice('extra '.length) ?? '', 'base64').toString())
    return month.replace(/^extra .*$/m, `extra ${toBase64(Buffer.from(canonicalJson(change(extra))))}`)
  }
  const record = JSON.parse(checkpointText(world.monthOfAll.records[1]!))
  const bad = (name: string, kind: ProofVector['kind'], failedStep: string, proof: string): ProofVector => ({
    name,
    kind,
    policy: POLICY,
    verified: false,
    failedStep,
    proof,
  })
  return [
    bad('fact of another content', 'fact', 'logRoot', factProof({ contentHash: world.facts[1]?.fact.contentHash })),
    bad('fact of another id', 'fact', 'logRoot', factProof({ factId: 'fct_0' })),
    bad('fact of another time', 'fact', 'logRoot', factProof({ createdAt: '2026-01-01T00:00:00.001Z' })),
    bad('fact with a member more', 'fact', 'format', factProof({ content: 'x' })),
    bad('fact without id', 'fact', 'format', factProof({ factId: null })),
    bad('fact v 2', 'fact', 'format', factProof({ v: 2 })),
    bad('fact as a delta', 'delta', 'format', factProof({})),
    bad('fact as a checkpoint', 'checkpoint', 'format', factProof({})),
    bad('checkpoint as a delta', 'delta', 'format', month),
    bad('checkpoint as a fact', 'fact', 'format', month),
    bad('delta as a checkpoint', 'checkpoint', 'format', formatDeltaProof(soundProof(world))),
    bad('checkpoint, another balance', 'checkpoint', 'logRoot', monthWith((extra) => ({ ...extra, checkpoint: { ...record, endingBalance: '0' } }))),
    bad('checkpoint, another customer', 'checkpoint', 'logRoot', monthWith((extra) => ({ ...extra, checkpoint: { ...record, customerId: 'alice' } }))),
    bad('checkpoint, open', 'checkpoint', 'logRoot', monthWith((extra) => ({ ...extra, checkpoint: { ...record, closed: false } }))),
    bad('checkpoint, closed as text', 'checkpoint', 'format', monthWith((extra) => ({ ...extra, checkpoint: { ...record, closed: 'true' } }))),
    bad('checkpoint, a member more', 'checkpoint', 'format', monthWith((extra) => ({ ...extra, checkpoint: { ...record, mode: 'x' } }))),
    bad('checkpoint at another index', 'checkpoint', 'logRoot', monthWith((extra) => ({ ...extra, checkpointIndex: 0 }))),
    bad('checkpoint at its count', 'checkpoint', 'checkpointRoot', monthWith((extra) => ({ ...extra, checkpointIndex: 3 }))),
    bad('checkpoint without its path', 'checkpoint', 'checkpointRoot', monthWith((extra) => ({ ...extra, checkpointPath: [] }))),
    bad('checkpoint, count as text', 'checkpoint', 'format', monthWith((extra) => ({ ...extra, checkpointsCount: '3' }))),
  ]
}

function decoded(signatureLine: string): Buffer {
  return Buffer.from(signatureLine.split(' ')[2] ?? '', 'base64')
}

function flippedSignature(line: string, byte: number): string {
  return line.replace(/\S+$/, flipped(line.split(' ')[2], byte))
}

function flipped(base64: string | undefined, byte: number): string {
  const bytes = Buffer.from(base64 ?? '', 'base64')
  bytes.writeUInt8(bytes.readUInt8(byte) ^ 0x80, byte)
  return toBase64(bytes)
}

function flippedHex(hash: string): string {
  return hash.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))
}

/** The same bytes as lax decoders read them: the last digit before the padding has bits that nobody uses. */
function looseBase64(base64 = ''): string {
  return base64.replace(/.=$/, (end) => `${String.fromCharCode(end.charCodeAt(0) + 1)}=`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(`${JSON.stringify(makeVectors(), null, 1)}\n`)
}
