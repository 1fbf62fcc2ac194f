import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parseDeltaProof } from '@pacspace/proofs/delta-proof'
import { kindOfProof } from '@pacspace/proofs/verify-proof-file'
import { canCheckSignatures } from './can-check-signatures.ts'
import { type ProofQuestion, runProof } from './run-proof.ts'

interface Vector {
  readonly name: string
  readonly kind: string
  readonly policy: { readonly logKeys: readonly string[] }
  readonly verified: boolean
  readonly failedStep?: string
  readonly proof: string
}

const file = new URL('../../../../../packages/proofs/testdata/vectors-v1.json', import.meta.url)
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { readonly vectors: readonly Vector[] } // the pinned file
/** The page knows keys of logs and asks for no witnesses, and judges a file by the kind that it claims to be. */
const judged = vectors.filter(
  ({ failedStep = '', kind, proof }) =>
    !['cosignature', 'witnesses'].includes(failedStep) && kind === kindOfProof(proof),
)

function vector(name: string): Vector {
  return vectors.find((one) => one.name === name) ?? assert.fail(name)
}

function questionOf({ proof, policy }: Vector): ProofQuestion {
  return { text: proof, logKeys: policy.logKeys }
}

describe('P6 a proof run in the page', () => {
  it('can check signatures here', async () => {
    assert.equal(await canCheckSignatures(), true)
  })

  it('comes to the verdict of every vector, and marks the one step that fails', async () => {
    let refused = 0
    for (const one of judged) {
      const { outcome, stations, verdict } = await runProof(questionOf(one))
      const broken = stations.filter(({ state }) => state === 'broken' || state === 'keyless')
      if (one.verified) {
        assert.equal(outcome, 'verified', one.name)
        assert.deepEqual(broken, [], one.name)
        assert.ok(stations.every(({ state }) => state === 'holds'))
        continue
      }
      refused++
      assert.notEqual(outcome, 'verified', one.name)
      assert.ok(!verdict.verified)
      assert.equal(verdict.failedStep.name, one.failedStep, one.name)
      assert.equal(broken.length, 1, one.name)
      // What the walk did not reach says so; what lies below the break was computed.
      const at = stations.findIndex(({ state }) => state === 'broken' || state === 'keyless')
      assert.ok(stations.slice(0, at).every(({ state }) => state === 'holds'))
      assert.ok(stations.slice(at + 1).every(({ state }) => state === 'unreached'))
    }
    assert.ok(refused >= 150, `${refused} refused`)
  })

  it('shows both values where something differs', async () => {
    const { stations } = await runProof(questionOf(vector('record delta another')))
    const broken = stations.find(({ state }) => state === 'broken') ?? assert.fail()
    assert.equal(broken.title, 'Root of the log')
    assert.match(broken.computed ?? '', /^0x[0-9a-f]{64}$/)
    assert.match(broken.expected ?? '', /^0x[0-9a-f]{64}$/)
    assert.notEqual(broken.computed, broken.expected)
  })

  it('is open, neither verified nor refused, where nobody says whose key to trust', async () => {
    const { proof, policy } = vector('delta 9 of bob.inc')
    const { outcome, stations, origin } = await runProof({ text: proof, logKeys: [] })
    assert.equal(outcome, 'keyless')
    assert.equal(stations.at(-1)?.state, 'keyless')
    assert.equal(origin, policy.logKeys[0]?.split('+')[0])
    const other = vectors.flatMap((one) => one.policy.logKeys).find((key) => !key.startsWith(`${origin}+`))
    assert.ok(other !== undefined, 'the vectors have a key of another log')
    assert.equal((await runProof({ text: proof, logKeys: [other] })).outcome, 'keyless')
  })

  it('is refused, not open, where a trusted key did not make the signature', async () => {
    const one = vectors.find(
      ({ failedStep, policy }) => failedStep === 'logSignature' && policy.logKeys.length > 0,
    )
    assert.ok(one)
    const { outcome, origin } = await runProof(questionOf(one))
    const isOfThisLog = one.policy.logKeys.some((key) => key.startsWith(`${origin}+`))
    assert.equal(outcome, isOfThisLog ? 'refused' : 'keyless')
  })

  it('has a station for every hash on the path, each with its sibling', async () => {
    const one = vector('delta 20 of bob.inc')
    const { record, customerPath, logPath } = parseDeltaProof(one.proof)
    const { stations } = await runProof(questionOf(one))
    const siblings = (tree: string) =>
      stations.filter((station) => station.tree === tree && station.sibling !== undefined)
    assert.equal(siblings('ledger').length, customerPath.length)
    assert.equal(siblings('log').length, logPath.length)
    assert.deepEqual(
      stations.filter(({ look }) => look !== 'node').map(({ title }) => title),
      [
        'Record',
        'Leaf',
        'Link to the one before',
        'Root of the ledger',
        'Log entry',
        'Leaf of the log',
        'Root of the log',
        'Signed head',
      ],
    )
    assert.equal(stations[0]?.label.text, record.delta)
  })

  it('draws facts and checkpoints too', async () => {
    const fact = await runProof(questionOf(vector('fact at 33')))
    assert.deepEqual([fact.outcome, fact.subject?.kind], ['verified', 'fact'])
    const checkpoint = await runProof(questionOf(vector('checkpoint of all customers, record 1')))
    assert.deepEqual([checkpoint.outcome, checkpoint.subject?.kind], ['verified', 'checkpoint'])
    assert.ok(checkpoint.stations.some(({ title }) => title === 'Root of the checkpoint'))
  })

  it('refuses a proof that holds beside claims that it does not bear out, and names the claim', async () => {
    const one = vector('delta 9 of bob.inc')
    const { record } = parseDeltaProof(one.proof)
    const { recordId, customerId, sequenceNumber, delta, balance, contentHash } = record
    const right = { recordId, customerId, sequenceNumber, delta, balance, contentHash }
    assert.equal((await runProof({ ...questionOf(one), claims: right })).outcome, 'verified')
    const wrong = {
      recordId: 'rec_other',
      customerId: 'bob',
      sequenceNumber: 10,
      delta: '1000',
      balance: '-0.5',
      contentHash: `0x${'00'.repeat(32)}`,
      itemHash: contentHash,
      root: contentHash,
      contents: [{ customerId, delta, reason: 'another reason' }],
    }
    for (const [name, value] of Object.entries(wrong)) {
      const { outcome, stations } = await runProof({
        ...questionOf(one),
        claims: { ...right, [name]: value },
      })
      assert.equal(outcome, 'refused', name)
      assert.deepEqual([stations[0]?.title, stations[0]?.state], ['What is shown', 'broken'], name)
      const { verdict } = await runProof(questionOf(one))
      assert.ok(verdict.verified, 'the file itself holds')
    }
  })

  it('refuses claims of things that the proof says nothing of', async () => {
    const question = { ...questionOf(vector('fact at 33')), claims: { balance: '1' } }
    assert.equal((await runProof(question)).outcome, 'refused')
  })

  it('never throws for what a file holds', async () => {
    const one = vector('delta 9 of bob.inc')
    for (let at = 0; at < one.proof.length; at += 7) {
      for (const text of [one.proof.slice(0, at), `${one.proof.slice(0, at)}A${one.proof.slice(at + 1)}`]) {
        if (text === one.proof) continue
        const { outcome } = await runProof({ ...questionOf(one), text })
        // Where the origin was changed it is the head of a log whose key nobody gave.
        assert.notEqual(outcome, 'verified', `changed at ${at}`)
      }
    }
  })
})
