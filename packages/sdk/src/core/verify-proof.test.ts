import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { test } from 'node:test'
import { contentHash } from '@pacspace/proofs/content-hash'
import { formatDeltaProof } from '@pacspace/proofs/delta-proof'
import { ZERO_HASH } from '@pacspace/proofs/hex'
import { formatLogCheckpoint } from '@pacspace/proofs/log-checkpoint'
import { logEntry, logLeaf } from '@pacspace/proofs/log-entry'
import { itemHash, recordText } from '@pacspace/proofs/record'
import { assembleNote, noteMessage, noteSignature } from '@pacspace/proofs/signed-note'
import { formatVerifierKey, verifierKey } from '@pacspace/proofs/verifier-key'
import { verifyProof } from './verify-proof.ts'

const origin = 'pacspace.example/log/0123456789abcdef'

/** A log of one delta, signed: its proof file and its public key. */
function logOfOne(): { text: string; publicKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = verifierKey(
    origin,
    new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)),
  )
  const sent = { customerId: 'cust_77', delta: '-250', reason: 'seat charge' }
  const record = {
    recordId: 'rec_0123456789',
    customerId: 'cust_77',
    sequenceNumber: 1,
    delta: '-250',
    balance: '-250',
    contentHash: contentHash(sent),
    previousProofHash: ZERO_HASH,
    createdAt: '2026-01-15T12:00:05.000Z',
  }
  const root = logLeaf(logEntry('delta', itemHash(recordText(record))))
  const body = formatLogCheckpoint({ origin, size: 1, root })
  const note = assembleNote(body, [
    noteSignature(key, new Uint8Array(sign(null, noteMessage(body), privateKey))),
  ])
  const text = formatDeltaProof({ record, customerPath: [], customerSize: 1, logIndex: 0, logPath: [], note })
  return { text, publicKey: formatVerifierKey(key) }
}

test('P6 a proof file is verified with nothing but the public key, and shows what it proves', async () => {
  const { text, publicKey } = logOfOne()
  const verdict = await verifyProof(text, `${publicKey}\n`)
  assert.ok(verdict.verified && verdict.kind === 'delta')
  assert.equal(verdict.record.balance, '-250')
  assert.equal(verdict.record.customerId, 'cust_77')
  assert.equal(verdict.logCheckpoint.origin, origin)
})

test('after a rotation any of the log’s keys will do', async () => {
  const [old, present] = [logOfOne(), logOfOne()]
  assert.ok((await verifyProof(old.text, [present.publicKey, old.publicKey])).verified)
  assert.equal((await verifyProof(old.text, [present.publicKey])).verified, false)
})

test('P3 one changed character anywhere is refused, and none raises', async () => {
  const { text, publicKey } = logOfOne()
  for (let at = 0; at < text.length; at++) {
    const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
    assert.equal((await verifyProof(changed, publicKey)).verified, false, `character ${at}`)
  }
})

test('a bad key is the caller’s error, not a verdict', async () => {
  const { text } = logOfOne()
  await assert.rejects(verifyProof(text, 'no key'), { code: 'INVALID_OPTION' })
})
