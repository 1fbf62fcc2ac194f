import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { makeVectors, type ProofVector, type VectorFile } from '../testdata/make-vectors.ts'
import { askIndependent, skipWithoutPython } from '../testdata/run-independent.ts'
import { verifyCheckpointProof } from './checkpoint-proof.ts'
import { verifyDeltaProof } from './delta-proof.ts'
import { verifyFactProof } from './fact-proof.ts'
import { toHex } from './hex.ts'
import type { Refusal } from './proof-verdict.ts'
import { portableSha256, sha256Engine, sha256Text, useSha256 } from './sha256.ts'
import type { TrustPolicy } from './trust-policy.ts'

const TEXT = readFileSync(new URL('../testdata/vectors-v1.json', import.meta.url), 'utf8')
const FILE: VectorFile = JSON.parse(TEXT)
/** Never to be changed: proofs that were handed out must be judged the same for ever. A new version gets a new file. */
const FILE_SHA256 = '0x8ab46d33ba7118eab14a7bdf01ef4c32821292d50f88f107e114e1aa58466ac8'

test('P12 the version 1 vectors are the committed ones, and the committed script still makes them', () => {
  assert.equal(toHex(sha256Text(TEXT)), FILE_SHA256)
  assert.deepEqual(makeVectors(), FILE)
})

test('P12 there are at least 200 vectors, good and bad, each with a name of its own', () => {
  const names = new Set(FILE.vectors.map(({ name }) => name))
  assert.equal(names.size, FILE.vectors.length)
  assert.ok(FILE.vectors.filter(({ verified }) => verified).length >= 50)
  assert.ok(FILE.vectors.filter(({ verified }) => !verified).length >= 200)
})

test('P6 every vector gets its verdict, and every refusal names the step and both its values', async () => {
  await judgeAll()
})

test('P6 the verdicts are the same with the portable SHA-256 of browsers and Workers', async () => {
  const native = sha256Engine()
  useSha256(portableSha256)
  try {
    await judgeAll()
  } finally {
    useSha256(native)
  }
})

test('P6 the independent Python implementation gives the same verdicts and hashes', {
  skip: skipWithoutPython,
}, () => {
  const { verdicts, hashes } = JSON.parse(askIndependent('vectors', TEXT))
  for (const { name, verified } of FILE.vectors) assert.equal(verdicts[name], verified, name)
  for (const { name, output } of FILE.hashes) assert.equal(hashes[name], output, name)
})

async function judgeAll(): Promise<void> {
  for (const vector of FILE.vectors) {
    const verdict = await judge(vector)
    assert.equal(verdict.verified, vector.verified, vector.name)
    const last = verdict.steps.at(-1)
    if (verdict.verified) {
      assert.ok(verdict.steps.every(({ ok }) => ok))
      continue
    }
    assert.equal(verdict.failedStep.name, vector.failedStep, vector.name)
    assert.equal(last, verdict.failedStep)
    assert.notEqual(verdict.failedStep.computed, verdict.failedStep.expected)
    assert.ok(verdict.message.length > 0)
  }
}

/** Every verifier refuses what it is not for, so each vector goes to the one of its kind. */
function judge({
  kind,
  proof,
  policy,
}: ProofVector): Promise<Refusal | { verified: true; steps: Refusal['steps'] }> {
  switch (kind) {
    case 'delta':
      return verifyDeltaProof(proof, policy satisfies TrustPolicy)
    case 'checkpoint':
      return verifyCheckpointProof(proof, policy)
    case 'fact':
      return verifyFactProof(proof, policy)
  }
}
