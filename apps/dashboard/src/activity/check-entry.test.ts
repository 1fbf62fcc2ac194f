import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { describe, test } from 'node:test'
import { timestampOf } from '@pacspace/api/timestamp'
import { utf8Bytes } from '@pacspace/proofs/bytes'
import { canonicalJson } from '@pacspace/proofs/jcs'
import { formatLogCheckpoint } from '@pacspace/proofs/log-checkpoint'
import { leafHash, rootOf } from '@pacspace/proofs/merkle'
import { inclusionProof } from '@pacspace/proofs/merkle-proof'
import { assembleNote, noteMessage, noteSignature } from '@pacspace/proofs/signed-note'
import { formatTlogProof } from '@pacspace/proofs/tlog-proof'
import { formatVerifierKey, verifierKey } from '@pacspace/proofs/verifier-key'
import type { ActivityEntry } from './activity-queries.ts'
import { checkEntry, checkFailure } from './check-entry.ts'

const ORIGIN = 'pacspace.example/activity'
const TENANT = 'tnt_1'
const INDEX = 3

const entry: ActivityEntry = {
  id: 'aud_1' as ActivityEntry['id'], // a test's own ids
  action: 'member.role_changed',
  actor: { kind: 'user', id: 'usr_1' as ActivityEntry['actor']['id'], name: 'Ada Lovelace' },
  target: 'usr_2',
  environment: null,
  details: { oldRole: 'viewer', newRole: 'admin' },
  address: '192.0.2.7',
  requestId: 'req_1',
  createdAt: timestampOf(Date.UTC(2026, 10, 25)),
  logIndex: INDEX,
}

function signer() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32)
  const key = verifierKey(ORIGIN, raw)
  const note = (body: string) =>
    assembleNote(body, [noteSignature(key, sign(null, noteMessage(body), privateKey))])
  return { verifierKey: formatVerifierKey(key), note }
}

const log = signer()
// As docs/decisions/0045 says it; written out here, so that the page's own copy is held against something.
const record = canonicalJson({
  v: 1,
  id: 'aud_1',
  tenantId: TENANT,
  actorKind: 'user',
  actorId: 'usr_1',
  action: 'member.role_changed',
  target: 'usr_2',
  environment: null,
  details: { oldRole: 'viewer', newRole: 'admin' },
  address: '192.0.2.7',
  requestId: 'req_1',
  createdAt: '2026-11-25T00:00:00.000Z',
})
const leaves = Array.from({ length: 7 }, (_, at) =>
  at === INDEX ? leafHash(utf8Bytes(record)) : leafHash(randomBytes(40)),
)
const file = formatTlogProof({
  extra: utf8Bytes(record),
  index: INDEX,
  path: inclusionProof(leaves, INDEX),
  note: log.note(formatLogCheckpoint({ origin: ORIGIN, size: leaves.length, root: rootOf(leaves) })),
})
const proof = { file, verifierKey: log.verifierKey }

describe('checkEntry', () => {
  test('an entry as the log holds it is proven', async () => {
    assert.deepEqual(await checkEntry(entry, TENANT, proof), { index: INDEX, size: 7, origin: ORIGIN })
    // The name is looked up when it is shown; the log knows the id.
    const renamed = { ...entry, actor: { ...entry.actor, name: 'Countess' } }
    assert.equal((await checkEntry(renamed, TENANT, proof)).refusal, undefined)
  })

  test('an entry shown with any other content is refused, whatever the file itself says', async () => {
    const others: readonly ActivityEntry[] = [
      { ...entry, action: 'member.removed' },
      { ...entry, target: 'usr_3' },
      { ...entry, environment: 'sandbox' },
      { ...entry, details: { oldRole: 'viewer', newRole: 'owner' } },
      { ...entry, details: {} },
      { ...entry, address: null },
      { ...entry, requestId: 'req_2' },
      { ...entry, createdAt: timestampOf(Date.UTC(2026, 10, 26)) },
      { ...entry, actor: { ...entry.actor, kind: 'operator' } },
      { ...entry, logIndex: 2 },
    ]
    for (const other of others) {
      assert.notEqual((await checkEntry(other, TENANT, proof)).refusal, undefined, JSON.stringify(other))
    }
    assert.notEqual((await checkEntry(entry, 'tnt_2', proof)).refusal, undefined)
  })

  test('a head of another key, and a file that is none, are refused in words', async () => {
    const stranger = signer()
    for (const bad of [
      { ...proof, verifierKey: stranger.verifierKey },
      { ...proof, file: 'hello' },
    ]) {
      await assert.rejects(checkEntry(entry, TENANT, bad), (error) =>
        checkFailure(error).startsWith('The proof was refused'),
      )
    }
    assert.doesNotMatch(checkFailure(new TypeError('no crypto')), /refused/)
  })
})
