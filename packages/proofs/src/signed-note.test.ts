import assert from 'node:assert/strict'
import { generateKeyPairSync, verify as nodeVerify, sign } from 'node:crypto'
import { test } from 'node:test'
import { toBase64 } from './base64.ts'
import { cosignatureMessage, encodeTimestampedSignature } from './cosignature.ts'
import {
  assembleNote,
  checkSignatures,
  NOTE_LENGTH_MAX,
  NOTE_SIGNATURES_MAX,
  noteMessage,
  noteSignature,
  parseNote,
  verifyNote,
} from './signed-note.ts'
import { parseVerifierKey, SIGNATURE_TYPES, verifierKey } from './verifier-key.ts'

/** Key and note of the Go reference implementation's documentation (golang.org/x/mod/sumdb/note). */
const GO_KEY = parseVerifierKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW')
const GO_BODY =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
const GO_SIGNATURE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'
const GO_NOTE = `${GO_BODY}\n${GO_SIGNATURE}`
/** The example of C2SP signed-note: a body with empty lines and letters beyond ASCII. */
const C2SP_NOTE =
  'Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n' +
  '— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const RAW_KEY = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
const LOG = verifierKey('example.com/log', RAW_KEY)
const WITNESS = verifierKey('witness.example', RAW_KEY, SIGNATURE_TYPES.cosignature)
const BODY = 'example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n'
const LOG_SIGNATURE = noteSignature(LOG, sign(null, noteMessage(BODY), privateKey))

test('P5 the note of the Go reference implementation verifies by WebCrypto and by node:crypto', async () => {
  for (const verify of [undefined, verifyBySpki]) {
    const { body, signatures } = await verifyNote(GO_NOTE, [GO_KEY], verify)
    assert.equal(body, GO_BODY)
    assert.deepEqual(signatures, [{ key: GO_KEY, valid: true }])
  }
})

test('P5 the example of C2SP signed-note is split at its last empty line and written as it was', () => {
  const { body, signatures } = parseNote(C2SP_NOTE)
  assert.ok(body.endsWith('ed è subito sera.\n'))
  assert.equal(signatures[0]?.name, 'quasimodo.example/salvatore')
  assert.equal(signatures[0]?.signature.length, 64)
  assert.equal(assembleNote(body, signatures), C2SP_NOTE)
})

test('P5 after a key rotation a note of the old key still verifies, by the old key', async () => {
  const successor = verifierKey(
    LOG.name,
    generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
  )
  const note = assembleNote(BODY, [LOG_SIGNATURE])
  const { signatures } = await verifyNote(note, [successor, LOG])
  assert.deepEqual(signatures, [{ key: LOG, valid: true }])
  await assert.rejects(verifyNote(note, [successor]), { code: 'UNTRUSTED' })
})

test('a cosignature verifies over its time and the body, and gives the time', async () => {
  const cosigned = assembleNote(BODY, [LOG_SIGNATURE, cosignature(1_767_225_600)])
  const { signatures } = await verifyNote(cosigned, [LOG, WITNESS])
  assert.deepEqual(signatures, [
    { key: LOG, valid: true },
    { key: WITNESS, valid: true, timestamp: 1_767_225_600 },
  ])
  const restamped = encodeTimestampedSignature({
    timestamp: 1_767_225_601,
    signature: cosignature(1_767_225_600).signature.subarray(8),
  })
  const note = parseNote(assembleNote(BODY, [noteSignature(WITNESS, restamped)]))
  assert.deepEqual(await checkSignatures(note, [WITNESS]), [
    { key: WITNESS, valid: false, timestamp: 1_767_225_601 },
  ])
  const short = parseNote(assembleNote(BODY, [noteSignature(WITNESS, new Uint8Array(64))]))
  assert.deepEqual(await checkSignatures(short, [WITNESS]), [{ key: WITNESS, valid: false }])
})

test('signatures of unknown keys are ignored; one wrong signature of a known key refuses the whole note', async () => {
  const stranger = { ...LOG_SIGNATURE, name: 'example.com/stranger' }
  const sameName = { ...LOG_SIGNATURE, keyId: Uint8Array.of(1, 2, 3, 4) }
  const wrong = { ...LOG_SIGNATURE, signature: LOG_SIGNATURE.signature.toReversed() }
  assert.equal(
    (await verifyNote(assembleNote(BODY, [stranger, sameName, LOG_SIGNATURE]), [LOG])).signatures.length,
    1,
  )
  await assert.rejects(verifyNote(assembleNote(BODY, [stranger, sameName]), [LOG]), { code: 'UNTRUSTED' })
  await assert.rejects(verifyNote(assembleNote(BODY, [LOG_SIGNATURE, wrong]), [LOG]), { code: 'UNTRUSTED' })
  await assert.rejects(verifyNote(assembleNote(BODY, [LOG_SIGNATURE]), []), { code: 'UNTRUSTED' })
})

test('any other body under the same signature is refused', async () => {
  for (const other of [BODY.replace('0', '1'), `${BODY}x\n`, BODY.slice(1)]) {
    await assert.rejects(verifyNote(assembleNote(other, [LOG_SIGNATURE]), [LOG]), { code: 'UNTRUSTED' })
  }
})

test('texts that are no note are refused', () => {
  const line = GO_SIGNATURE
  const bad = [
    '',
    GO_BODY,
    GO_NOTE.slice(0, -1),
    `${GO_NOTE}\n`,
    `${GO_BODY}${line}`,
    `${GO_BODY}\n`,
    `${GO_BODY}\n-${line.slice(1)}`,
    `${GO_BODY}\n${line.slice(2)}`,
    `${GO_BODY}\n${line.replace('PeterNeumann', 'Peter+Neumann')}`,
    `${GO_BODY}\n${line.replace('PeterNeumann', '')}`,
    `${GO_BODY}\n${line.replace('PeterNeumann ', 'PeterNeumann  ')}`,
    `${GO_BODY}\n${line.replace('\n', ' \n')}`,
    `${GO_BODY}\n${line.replace('=', '')}`,
    `${GO_BODY}\n— PeterNeumann x08gow==\n`,
    `${GO_BODY}\n— PeterNeumann\n`,
    GO_NOTE.replaceAll('\n', '\r\n'),
    GO_NOTE.replace('If', 'I\u0000f'),
    GO_NOTE.replace('If', 'I\tf'),
    GO_NOTE.replace('If', 'I\ud800f'),
  ]
  for (const text of bad) assert.throws(() => parseNote(text), { code: 'MALFORMED' }, JSON.stringify(text))
})

test('the last number of signatures accepted and the first refused; likewise the length', () => {
  const signatures = Array.from({ length: NOTE_SIGNATURES_MAX }, () => LOG_SIGNATURE)
  assert.equal(parseNote(assembleNote(BODY, signatures)).signatures.length, 64)
  assert.throws(() => assembleNote(BODY, [...signatures, LOG_SIGNATURE]), { code: 'MALFORMED' })
  const padding = 'a'.repeat(NOTE_LENGTH_MAX - GO_NOTE.length)
  assert.equal(parseNote(padding + GO_NOTE).signatures.length, 1)
  assert.throws(() => parseNote(`a${padding}${GO_NOTE}`), { code: 'MALFORMED' })
})

test('a body without its last newline, or a bad name, is not assembled', () => {
  assert.throws(() => assembleNote(BODY.slice(0, -1), [LOG_SIGNATURE]), { code: 'MALFORMED' })
  assert.throws(() => assembleNote(`${BODY}\n— x`, [LOG_SIGNATURE]), { code: 'MALFORMED' })
  assert.throws(() => assembleNote(BODY, []), { code: 'MALFORMED' })
  const signedBefore = assembleNote(BODY, [LOG_SIGNATURE]).slice(0, -1)
  assert.throws(() => assembleNote(signedBefore, [LOG_SIGNATURE]), { code: 'MALFORMED' })
  const twoLines = { ...LOG_SIGNATURE, name: 'a AAAAAAA=\n— b' }
  assert.throws(() => assembleNote(BODY, [twoLines]), { code: 'MALFORMED' })
  assert.throws(() => assembleNote(BODY, [{ ...LOG_SIGNATURE, name: 'a b' }]), { code: 'MALFORMED' })
  assert.ok(assembleNote(BODY, [LOG_SIGNATURE]).includes(`— ${LOG.name} ${toBase64(LOG.keyId).slice(0, 4)}`))
})

function cosignature(timestamp: number) {
  const signature = sign(null, cosignatureMessage(timestamp, BODY), privateKey)
  return noteSignature(WITNESS, encodeTimestampedSignature({ timestamp, signature }))
}

/** A synchronous verifier, as the data plane passes it. */
function verifyBySpki(raw: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw])
  return nodeVerify(null, message, { key: spki, format: 'der', type: 'spki' }, signature)
}
