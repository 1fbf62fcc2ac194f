import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { contradictionOf } from '../ui/proof/claims.ts'
import { readProofInput } from './proof-input.ts'

const FILE = 'c2sp.org/tlog-proof@v1\nextra e30=\nindex 0\n\nnote'
const HASH = `0x${'ab'.repeat(32)}`
/** The vector of product.md §5.1. */
const CONTENT_HASH = '0x087f278b74c98386d5a1c769dec88513ee8062c610f17119e653ffbfa7fd40ed'

const receipt = {
  recordId: 'rec_1',
  customerId: 'cust_77',
  sequenceNumber: 3,
  delta: '-250',
  reason: 'seat charge',
  referenceId: 'bill_31',
  metadata: { plan: 'pilot' },
  adjusts: null,
  adjustedReference: null,
  contentHash: CONTENT_HASH,
  itemHash: HASH,
  receiptId: HASH,
  proof: { tlogProof: FILE, publicKey: 'k' },
}
const committed = {
  recordId: 'rec_1',
  customerId: 'cust_77',
  sequenceNumber: '3',
  delta: '-250',
  contentHash: CONTENT_HASH,
  itemHash: HASH,
  root: HASH,
}
const found = (value: unknown) => readProofInput(JSON.stringify(value)) ?? assert.fail('no proof in it')
const contradiction = (value: unknown) => contradictionOf(found(value).claims ?? {}, committed)

describe('what somebody chooses to have verified', () => {
  it('is a proof file, or given on as it is: the verifier says what is wrong with it', () => {
    for (const text of [FILE, '', 'no proof', '{"broken', '{', '[1]'])
      assert.deepEqual(readProofInput(text), { text })
  })

  it("is a delta's receipt, whose every member has to agree with the proof", () => {
    assert.equal(found(receipt).text, FILE)
    assert.equal(found(receipt).keyInFile, 'k')
    assert.equal(contradiction(receipt), undefined)
    assert.equal(contradiction({ success: true, statusCode: 200, data: receipt }), undefined)
    const changes = {
      recordId: 'rec_2',
      customerId: 'cust_78',
      sequenceNumber: 4,
      delta: '-25',
      reason: 'seat',
      referenceId: null,
      metadata: { plan: 'Pilot' },
      adjusts: 'rec_0',
      contentHash: HASH,
      itemHash: CONTENT_HASH,
      receiptId: CONTENT_HASH,
    }
    for (const [name, value] of Object.entries(changes)) {
      assert.notEqual(contradiction({ ...receipt, [name]: value }), undefined, name)
    }
  })

  it('keeps every digit of an amount that is written as a number, and numbers of metadata as they are', () => {
    const written = JSON.stringify({ finalBalance: 0, verification: { proof: receipt.proof } })
    const exact = readProofInput(written.replace('"finalBalance":0', '"finalBalance":24692478.09999999975'))
    assert.equal(exact?.claims?.balance, '24692478.09999999975')
    assert.equal(contradiction({ ...receipt, delta: -250 }), undefined)
    const metadata = found({ ...receipt, metadata: { delta: 1.5, amount: 2 } }).claims?.contents?.[0]
      ?.metadata
    assert.equal(metadata, '{"amount":2,"delta":1.5}')
  })

  it("is a customer's receipt: whose, with which balance, under which root", () => {
    const { proof } = receipt
    const answer = {
      customerId: 'cust_77',
      finalBalance: '7.5',
      itemsRoot: HASH,
      verification: { proof: { tlogProof: proof.tlogProof }, publicKey: 'k' },
    }
    const { text, claims, keyInFile } = found(answer)
    assert.deepEqual([text, keyInFile], [FILE, 'k'])
    assert.deepEqual(claims, { customerId: 'cust_77', balance: '7.5', askedRoot: HASH })
  })

  it('is an answer of public verify: under which root', () => {
    const { claims } = found({ proofRoot: HASH, records: [], verification: { proof: receipt.proof } })
    assert.deepEqual(claims, { askedRoot: HASH })
  })

  it('is an event, which does not say what it corrects', () => {
    const data = {
      recordId: 'rec_1',
      receiptId: HASH,
      sequenceNumber: '3',
      customerId: 'cust_77',
      delta: {
        customerId: 'cust_77',
        amount: '-250',
        reason: 'seat charge',
        referenceId: null,
        metadata: null,
      },
      proof: { proofHash: HASH, contentHash: CONTENT_HASH, itemHash: HASH, tlogProof: FILE },
    }
    assert.equal(contradiction({ id: 'evt_1', event: 'delta.verified', data }), undefined)
    const forged = { ...data, delta: { ...data.delta, amount: '-25' } }
    assert.equal(contradiction({ id: 'evt_1', data: forged })?.what, 'amount')
  })

  it('is nothing where JSON holds no proof', () => {
    for (const value of [
      {},
      { proof: null },
      { data: {} },
      { verification: { proof: null } },
      { proof: { tlogProof: 7 } },
    ]) {
      assert.equal(readProofInput(JSON.stringify(value)), undefined)
    }
  })
})
