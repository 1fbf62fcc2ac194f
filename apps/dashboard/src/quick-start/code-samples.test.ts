import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, test } from 'node:test'
import { newestIndex, secondsText } from './arrival.ts'
import { codeSamples } from './code-samples.ts'

const ORIGIN = 'https://pacspace.example'
const API_KEY = 'pk_test_0123456789abcdef.secret'
const samples = new Map(codeSamples(ORIGIN, API_KEY).map((sample) => [sample.key, sample.code]))

describe('each sample', () => {
  for (const [key, code] of samples) {
    test(`${key}: carries the key and goes to this gateway`, () => {
      assert.ok(code.includes(API_KEY))
      assert.ok(code.includes(ORIGIN))
    })
  }

  test('curl: a shell understands it, and what it sends is the delta that the others send', () => {
    // `curl` as a function that prints what it was given, one argument a line.
    const shell = `curl() { printf '%s\\n' "$@"; }; ${samples.get('curl')}`
    const [url, ...rest] = execFileSync('sh', ['-c', shell], { encoding: 'utf8' }).trimEnd().split('\n')
    assert.equal(url, `${ORIGIN}/api/v1/balance/delta`)
    const [, key, , type, , body = ''] = rest
    assert.equal(key, `X-Api-Key: ${API_KEY}`)
    assert.equal(type, 'Content-Type: application/json')
    assert.deepEqual(JSON.parse(body), { customerId: 'customer_001', delta: -250, reason: 'seat charge' })
    assert.ok(samples.get('typescript')?.includes(`emitAndWait('customer_001', -250, 'seat charge')`))
    assert.ok(
      samples.get('python')?.includes(`"customerId": "customer_001", "delta": -250, "reason": "seat charge"`),
    )
  })
})

test('a delta has arrived when its place in the log is behind the newest that was there', () => {
  assert.equal(newestIndex([]), -1)
  assert.equal(newestIndex([{ anchorId: 'a_10' }, { anchorId: 'a_9' }]), 10)
})

test('the way from accepted to verified is told in seconds', () => {
  assert.equal(secondsText('2026-11-25T14:00:00.000Z', '2026-11-25T14:00:00.412Z'), '0.41 s')
})
