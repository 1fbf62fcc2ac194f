import assert from 'node:assert/strict'
import { verify as nodeVerify } from 'node:crypto'
import { test } from 'node:test'
import {
  deltaProof,
  log,
  makeWorld,
  ORIGIN,
  otherLog,
  signedHead,
  witnessOne,
  witnessTwo,
} from '../testdata/vector-world.ts'
import { formatCheckpointProof, parseCheckpointProof, verifyCheckpointProof } from './checkpoint-proof.ts'
import { checkpointRoot, checkpointText } from './checkpoint-record.ts'
import { formatDeltaProof, parseDeltaProof, verifyDeltaProof } from './delta-proof.ts'
import { formatFactProof, parseFactProof, verifyFactProof } from './fact-proof.ts'
import { toHex } from './hex.ts'
import { verifyLogCheckpoint } from './log-proof.ts'
import { rootOf } from './merkle.ts'
import { consistencyProof, inclusionProof, verifyConsistency } from './merkle-proof.ts'
import { refusalOf } from './proof-verdict.ts'
import { itemHash, recordText } from './record.ts'

const world = makeWorld()
const size = world.log.length
const head = signedHead(world, size, [log, witnessOne])
const claim = deltaProof(world, 'bob.inc', 7, size)
const file = formatDeltaProof({ ...claim, note: head })
const witnessed = {
  logKeys: [log.text],
  witnessKeys: [witnessOne.text, witnessTwo.text],
  witnessesRequired: 1,
}

test('P6 a proof that holds gives record, itemHash, root, position, log checkpoint and witnesses, and every step', async () => {
  const verdict = await verifyDeltaProof(file, witnessed)
  assert.ok(verdict.verified)
  const { steps, ...proved } = verdict
  assert.deepEqual(proved, {
    verified: true,
    record: parseDeltaProof(file).record,
    itemHash: toHex(itemHash(recordText(claim.record))),
    customerRoot: toHex(rootOf(world.leaves.get('bob.inc')?.slice(0, 8) ?? [])),
    logIndex: claim.logIndex,
    logCheckpoint: { origin: ORIGIN, size, root: rootOf(world.log), extensions: [] },
    witnesses: [{ name: witnessOne.key.name, timestamp: 1_767_225_600 }],
  })
  assert.deepEqual(
    steps.map(({ name }) => name),
    [
      'format',
      'record',
      'itemHash',
      'previousRoot',
      'customerRoot',
      'logEntry',
      'logLeaf',
      'logRoot',
      'logSignature',
      'cosignature',
    ],
  )
  assert.equal(steps[1]?.computed, recordText(claim.record))
  assert.equal(steps[3]?.expected, claim.record.previousProofHash)
})

test('P6 a refusal names the step that failed, with what was computed and what was expected', async () => {
  const lie = formatDeltaProof({ ...claim, record: { ...claim.record, balance: '1000000' }, note: head })
  const verdict = await verifyDeltaProof(lie, witnessed)
  assert.ok(!verdict.verified)
  assert.equal(verdict.code, 'MISMATCH')
  assert.equal(verdict.failedStep.name, 'logRoot')
  assert.equal(verdict.failedStep.expected, toHex(rootOf(world.log)))
  assert.notEqual(verdict.failedStep.computed, verdict.failedStep.expected)
  assert.ok(verdict.steps.slice(0, -1).every(({ ok }) => ok))
})

test('P6 a proof by a later entry of the customer holds too, and says nothing of the root before', async () => {
  const later = formatDeltaProof({ ...deltaProof(world, 'bob.inc', 7, size, 19), note: head })
  const verdict = await verifyDeltaProof(later, witnessed)
  assert.ok(verdict.verified)
  assert.ok(!verdict.steps.some(({ name }) => name === 'previousRoot'))
})

test('a proof file is 1–2 KB, and taking it apart gives what it was made of', () => {
  assert.ok(file.length > 1024 && file.length < 2048, `${file.length} characters`)
  const parsed = parseDeltaProof(file)
  assert.equal(formatDeltaProof(parsed), file)
  assert.equal(recordText(parsed.record), recordText(claim.record))
})

test('P10 the proof of one delta reveals nothing of its siblings', () => {
  const decoded = file.replace(/^extra (.*)$/m, (_, extra) => Buffer.from(extra, 'base64').toString())
  for (const [customerId, ledger] of world.deltas) {
    for (const { record } of ledger) {
      if (record.recordId === claim.record.recordId) continue
      assert.ok(!decoded.includes(record.contentHash))
      if (record.recordId !== claim.record.adjusts) assert.ok(!decoded.includes(record.recordId))
      if (customerId !== 'bob.inc') assert.ok(!decoded.includes(customerId))
    }
  }
})

test('P9 the public log shows no root, no item hash and no content hash', () => {
  const published = [head, ...world.log.map(toHex)].join('\n')
  for (const [customerId, ledger] of world.deltas) {
    ledger.forEach(({ record }, i) => {
      const leaves = world.leaves.get(customerId) ?? assert.fail()
      for (const secret of [
        record.contentHash,
        toHex(leaves[i] ?? assert.fail()),
        toHex(rootOf(leaves, 0, i + 1)),
      ]) {
        assert.ok(!published.includes(secret.slice(2)))
      }
    })
  }
})

test('a synchronous verifier of the host may take the place of WebCrypto', async () => {
  let calls = 0
  const verify = (raw: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
    calls++
    const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw])
    return nodeVerify(null, message, { key: spki, format: 'der', type: 'spki' }, signature)
  }
  assert.ok((await verifyDeltaProof(file, { ...witnessed, verify })).verified)
  assert.equal(calls, 2)
})

test('a bad key in the policy is the caller’s fault and is thrown, not judged', async () => {
  await assert.rejects(verifyDeltaProof(file, { logKeys: ['nonsense'] }), { code: 'MALFORMED' })
  await assert.rejects(verifyDeltaProof(file, { logKeys: [witnessOne.text] }), { code: 'MALFORMED' })
  await assert.rejects(verifyFactProof(file, { logKeys: [], witnessKeys: [log.text] }), { code: 'MALFORMED' })
})

test('what a verifier of the host throws is not mistaken for a refusal', async () => {
  const verify = (): boolean => {
    throw new TypeError('broken host')
  }
  await assert.rejects(verifyDeltaProof(file, { ...witnessed, verify }), TypeError)
  await assert.rejects(verifyLogCheckpoint(head, { ...witnessed, verify }), TypeError)
  assert.throws(() => refusalOf(new TypeError('other')), TypeError)
})

test('a checkpoint’s proof gives the record, the root over all customers, and the way back to its parts', async () => {
  const { records, logIndex } = world.monthOfAll
  const leaves = records.map((record) => checkpointRoot(checkpointText(record)))
  const proof = formatCheckpointProof({
    checkpoint: records[2] ?? assert.fail(),
    checkpointIndex: 2,
    checkpointPath: inclusionProof(leaves, 2),
    checkpointsCount: 3,
    logIndex,
    logPath: inclusionProof(world.log, logIndex),
    note: head,
  })
  const verdict = await verifyCheckpointProof(proof, witnessed)
  assert.ok(verdict.verified)
  assert.equal(verdict.proofRoot, toHex(rootOf(leaves)))
  assert.equal(checkpointText(verdict.checkpoint), checkpointText(records[2] ?? assert.fail()))
  assert.equal(formatCheckpointProof(parseCheckpointProof(proof)), proof)
})

test('a fact’s proof gives the fact, and the way back to its parts', async () => {
  const { fact, logIndex } = world.facts[1] ?? assert.fail()
  const proof = formatFactProof({ fact, logIndex, logPath: inclusionProof(world.log, logIndex), note: head })
  const verdict = await verifyFactProof(proof, witnessed)
  assert.ok(verdict.verified)
  assert.deepEqual(verdict.fact, fact)
  assert.equal(formatFactProof(parseFactProof(proof)), proof)
})

test('a log checkpoint is trusted by the policy, and its successor extends it', async () => {
  const before = await verifyLogCheckpoint(signedHead(world, 12, [log, witnessTwo]), witnessed)
  const after = await verifyLogCheckpoint(head, witnessed)
  assert.deepEqual(before.witnesses, [{ name: witnessTwo.key.name, timestamp: 1_767_225_600 }])
  const [from, to] = [before.checkpoint, after.checkpoint]
  assert.ok(verifyConsistency(from.size, to.size, consistencyProof(world.log, 12), from.root, to.root))
  await assert.rejects(verifyLogCheckpoint(head, { logKeys: [otherLog.text] }), { code: 'UNTRUSTED' })
  await assert.rejects(verifyLogCheckpoint(head, { ...witnessed, witnessesRequired: 2 }), {
    code: 'UNTRUSTED',
  })
  await assert.rejects(verifyLogCheckpoint('nonsense', witnessed), { code: 'MALFORMED' })
})
