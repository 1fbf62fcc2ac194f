import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import {
  allCustomersRoot,
  type CheckpointRecord,
  checkpointRoot,
  checkpointText,
  parseCheckpointRecord,
} from './checkpoint-record.ts'
import { toHex, ZERO_HASH } from './hex.ts'
import { EMPTY_ROOT, nodeHash } from './merkle.ts'

const MONTH: CheckpointRecord = {
  checkpointId: 'chk_1',
  customerId: 'cust_77',
  period: '2026-01',
  startDate: '2026-01-01T00:00:00.000Z',
  endDate: '2026-02-01T00:00:00.000Z',
  closed: true,
  fromSequence: 1,
  toSequence: 12,
  startingBalance: '0',
  netChange: '-250.5',
  endingBalance: '-250.5',
  deltasCount: 12,
  itemsRoot: ZERO_HASH,
}
const MONTH_TEXT =
  '{"checkpointId":"chk_1","closed":true,"customerId":"cust_77","deltasCount":12,"endDate":"2026-02-01T00:00:00.000Z",' +
  `"endingBalance":"-250.5","fromSequence":1,"itemsRoot":"${ZERO_HASH}","netChange":"-250.5","period":"2026-01",` +
  '"startDate":"2026-01-01T00:00:00.000Z","startingBalance":"0","toSequence":12,"v":1}'

test('a checkpoint record is canonical JSON, and its root SHA-256(0x00 ‖ record)', () => {
  assert.equal(checkpointText(MONTH), MONTH_TEXT)
  assert.equal(toHex(checkpointRoot(MONTH_TEXT)), `0x${hash('sha256', `\0${MONTH_TEXT}`, 'hex')}`)
})

test('absent members are left out, however they are absent', () => {
  const bare = {
    ...MONTH,
    period: null,
    startDate: undefined,
    endDate: null,
    fromSequence: undefined,
    toSequence: null,
  }
  const { period: _p, startDate: _s, endDate: _e, fromSequence: _f, toSequence: _t, ...absent } = MONTH
  assert.equal(checkpointText(bare), checkpointText(absent))
  assert.ok(!checkpointText(bare).includes('null'))
})

test('the root of all customers is the RFC 6962 root over their records in byte order of customerId', () => {
  const [a, b, c] = ['A', 'a', 'b'].map((customerId) => ({ ...MONTH, customerId })) as [
    CheckpointRecord,
    CheckpointRecord,
    CheckpointRecord,
  ]
  const leaf = (record: CheckpointRecord) => checkpointRoot(checkpointText(record))
  assert.deepEqual(allCustomersRoot([a, b, c]), nodeHash(nodeHash(leaf(a), leaf(b)), leaf(c)))
  assert.deepEqual(allCustomersRoot([a]), leaf(a))
  assert.deepEqual(allCustomersRoot([]), EMPTY_ROOT)
  for (const unordered of [
    [b, a],
    [a, a],
    [a, c, b],
  ]) {
    assert.throws(() => allCustomersRoot(unordered), { code: 'OUT_OF_RANGE' })
  }
})

test('only version 1 with exactly its members, each in canonical form, is a checkpoint record', () => {
  const good = JSON.parse(MONTH_TEXT)
  assert.equal(checkpointText(parseCheckpointRecord(good)), MONTH_TEXT)
  assert.throws(() => parseCheckpointRecord({ ...good, v: 2 }), { code: 'UNSUPPORTED_VERSION' })
  const bad = [
    { checkpointId: 1 },
    { closed: 'true' },
    { period: null },
    { startDate: '2026-01-01' },
    { fromSequence: -1 },
    { startingBalance: 0 },
    { deltasCount: 1.5 },
    { itemsRoot: '0x' },
    { other: 1 },
  ]
  for (const change of bad) {
    assert.throws(
      () => parseCheckpointRecord({ ...good, ...change }),
      { code: 'MALFORMED' },
      JSON.stringify(change),
    )
  }
})
