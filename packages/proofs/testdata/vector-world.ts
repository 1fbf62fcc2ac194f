/**
 * The small world that the version 1 vectors are taken from: one tenant log with three customers, facts, checkpoints and
 * a void, signed and cosigned by keys made of fixed seeds. Deterministic to the byte (Ed25519 signs deterministically).
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { type CheckpointRecord, checkpointRoot, checkpointText } from '../src/checkpoint-record.ts'
import { append, EMPTY_RANGE, rangeRoot } from '../src/compact-range.ts'
import { contentHash, factContentHash } from '../src/content-hash.ts'
import { cosignatureMessage, encodeTimestampedSignature } from '../src/cosignature.ts'
import { type Hex, toHex, ZERO_HASH } from '../src/hex.ts'
import { canonicalJson } from '../src/jcs.ts'
import { formatLogCheckpoint } from '../src/log-checkpoint.ts'
import { type FactRecord, factText, logEntry, logLeaf, logTextEntry, voidText } from '../src/log-entry.ts'
import { rootOf } from '../src/merkle.ts'
import { inclusionProof } from '../src/merkle-proof.ts'
import { type DeltaRecord, itemHash, recordText, requestHash } from '../src/record.ts'
import { assembleNote, type NoteSignature, noteMessage, noteSignature } from '../src/signed-note.ts'
import { formatVerifierKey, SIGNATURE_TYPES, type VerifierKey, verifierKey } from '../src/verifier-key.ts'

export const ORIGIN = 'pacspace.test/log/00112233445566778899aabbccddeeff'
/** 2026-01-01T00:00:00Z in POSIX seconds. */
const EPOCH_SECONDS = 1_767_225_600

export interface Signer {
  readonly key: VerifierKey
  readonly text: string
  readonly privateKey: KeyObject
}

export const log: Signer = signer(ORIGIN, 'log key')
export const rotatedLog: Signer = signer(ORIGIN, 'log key after a rotation')
export const otherLog: Signer = signer('pacspace.test/log/ffeeddccbbaa99887766554433221100', 'key of another log')
export const witnessOne: Signer = signer('witness.test/one', 'witness one', SIGNATURE_TYPES.cosignature)
export const witnessTwo: Signer = signer('witness.test/two', 'witness two', SIGNATURE_TYPES.cosignature)

export interface Delta {
  readonly record: DeltaRecord
  readonly logIndex: number
}

export interface World {
  /** By customer, in sequence. */
  readonly deltas: ReadonlyMap<string, readonly Delta[]>
  readonly leaves: ReadonlyMap<string, readonly Uint8Array[]>
  readonly facts: readonly { readonly fact: FactRecord; readonly logIndex: number }[]
  readonly monthOfOne: { readonly record: CheckpointRecord; readonly logIndex: number }
  readonly monthOfAll: { readonly records: readonly CheckpointRecord[]; readonly logIndex: number }
  /** Leaf hashes of the log. */
  readonly log: readonly Uint8Array[]
}

/** Builds the world, delta by delta, as the data plane does. */
export function makeWorld(): World {
  const deltas = new Map<string, Delta[]>([['alice', []], ['bob.inc', []], ['cust_77', []]])
  const leaves = new Map<string, Uint8Array[]>([['alice', []], ['bob.inc', []], ['cust_77', []]])
  const ranges = new Map([...deltas.keys()].map((customerId) => [customerId, EMPTY_RANGE]))
  const entries: Uint8Array[] = []
  const facts: { fact: FactRecord; logIndex: number }[] = []

  const emit = (customerId: string, n: number): void => {
    const ledger = deltas.get(customerId) ?? []
    const range = ranges.get(customerId) ?? EMPTY_RANGE
    const record = recordOf(customerId, n, ledger, range.size === 0 ? ZERO_HASH : toHex(rangeRoot(range)))
    const leaf = itemHash(recordText(record))
    const grown = append(range, leaf).range
    ranges.set(customerId, grown)
    leaves.get(customerId)?.push(leaf)
    ledger.push({ record, logIndex: entries.length })
    entries.push(logEntry('delta', rangeRoot(grown)))
  }
  const states = (content: string): void => {
    const createdAt = timeOf(entries.length)
    const fact = { factId: `fct_${digest(`fact ${content}`, 24)}`, contentHash: factContentHash(content), createdAt }
    facts.push({ fact, logIndex: entries.length })
    entries.push(logTextEntry('fact', factText(fact)))
  }

  emit('alice', 0)
  states('the price list of January')
  for (let n = 0; n < 20; n++) {
    emit('bob.inc', n)
    if (n % 3 === 0) emit('cust_77', n)
    if (n % 5 === 4) emit('alice', n)
  }
  states('größer als „alles“')
  const monthOfOne = { record: monthOf('bob.inc', 'chk_one', deltas, ranges), logIndex: entries.length }
  entries.push(logEntry('checkpoint', checkpointRoot(checkpointText(monthOfOne.record))))
  const records = [...deltas.keys()].map((customerId) => monthOf(customerId, 'chk_all', deltas, ranges))
  const monthOfAll = { records, logIndex: entries.length }
  entries.push(logEntry('checkpoint', rootOf(records.map((record) => checkpointRoot(checkpointText(record))))))
  const voided = { voidId: `vd_${digest('void', 24)}`, recordId: 'rec_gone', customerId: 'alice' }
  const voidPayload = voidText({ ...voided, delta: '-5', reason: 'damaged', createdAt: timeOf(entries.length) })
  entries.push(logTextEntry('void', voidPayload))
  emit('alice', 30)
  return { deltas, leaves, facts, monthOfOne, monthOfAll, log: entries.map(logLeaf) }
}

/** A log checkpoint over the first `size` entries, signed by these, in this order. */
export function signedHead(world: World, size: number, signers: readonly Signer[], extensions: string[] = []): string {
  const root = rootOf(world.log, 0, size)
  return signedBody(formatLogCheckpoint({ origin: ORIGIN, size, root, extensions }), signers)
}

/** Any body as a note, signed by these, in this order. */
export function signedBody(body: string, signers: readonly Signer[]): string {
  return assembleNote(body, signers.map((one) => signatureOf(one, body)))
}

/** The signature of one signer; a witness stamps it with the fixed time. */
export function signatureOf({ key, privateKey }: Signer, body: string, timestamp: number = EPOCH_SECONDS): NoteSignature {
  if (key.type === SIGNATURE_TYPES.ed25519) return noteSignature(key, sign(null, noteMessage(body), privateKey))
  const signature = sign(null, cosignatureMessage(timestamp, body), privateKey)
  return noteSignature(key, encodeTimestampedSignature({ timestamp, signature }))
}

/** What proves delta `n` of a customer in the log of the first `size` entries, by the entry of its delta `entryOf`. */
export function deltaProof(world: World, customerId: string, n: number, size: number, entryOf: number = n) {
  const ledger = world.deltas.get(customerId) ?? []
  const [delta, committing] = [ledger[n], ledger[entryOf]]
  const leaves = world.leaves.get(customerId)?.slice(0, entryOf + 1) ?? []
  if (delta === undefined || committing === undefined) throw new RangeError(`no delta ${n} of ${customerId}`)
  return {
    record: delta.record,
    customerPath: inclusionProof(leaves, n),
    customerSize: entryOf + 1,
    logIndex: committing.logIndex,
    logPath: inclusionProof(world.log.slice(0, size), committing.logIndex),
  }
}

function recordOf(customerId: string, n: number, ledger: readonly Delta[], previousProofHash: Hex): DeltaRecord {
  const sequenceNumber = ledger.length + 1
  const cents = ((n * 7919 + customerId.length * 31) % 2000) - 1000 || 1
  const before = ledger.reduce((sum, { record }) => sum + Math.round(Number(record.delta) * 100), 0)
  const recordId = `rec_${digest(`${customerId} ${sequenceNumber}`, 26)}`
  const sent = {
    customerId,
    delta: decimal(cents),
    reason: 'seat charge',
    referenceId: `bill_${n}`,
    metadata: canonicalJson({ plan: 'pilot', seats: n, note: 'é漢\u{1F600}' }),
  }
  return {
    recordId,
    customerId,
    sequenceNumber,
    delta: sent.delta,
    balance: decimal(before + cents),
    contentHash: contentHash(sent),
    previousProofHash,
    createdAt: timeOf(n),
    adjusts: n % 4 === 3 ? ledger[0]?.record.recordId : undefined,
    request: n % 2 === 1 ? requestHash(recordId, Buffer.from(digest(`key ${n}`, 32), 'hex')) : undefined,
  }
}

function monthOf(
  customerId: string,
  checkpointId: string,
  deltas: World['deltas'],
  ranges: ReadonlyMap<string, Parameters<typeof rangeRoot>[0]>,
): CheckpointRecord {
  const last = deltas.get(customerId)?.at(-1)?.record
  const range = ranges.get(customerId)
  if (last === undefined || range === undefined) throw new RangeError(`no deltas of ${customerId}`)
  return {
    checkpointId: `${checkpointId}_${digest(checkpointId, 20)}`,
    customerId,
    period: '2026-01',
    startDate: '2026-01-01T00:00:00.000Z',
    endDate: '2026-02-01T00:00:00.000Z',
    closed: true,
    fromSequence: 1,
    toSequence: range.size,
    startingBalance: '0',
    netChange: last.balance,
    endingBalance: last.balance,
    deltasCount: range.size,
    itemsRoot: toHex(rangeRoot(range)),
  }
}

function signer(name: string, seedText: string, type: VerifierKey['type'] = SIGNATURE_TYPES.ed25519): Signer {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.from(digest(seedText, 64), 'hex')])
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32)
  const key = verifierKey(name, publicKey, type)
  return { key, text: formatVerifierKey(key), privateKey }
}

function decimal(cents: number): string {
  return String(cents / 100)
}

function timeOf(n: number): string {
  return new Date(EPOCH_SECONDS * 1000 + n * 61_003).toISOString()
}

function digest(text: string, hexDigits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, hexDigits)
}
