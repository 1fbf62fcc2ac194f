import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { controlPlaneEndpoints, dataPlaneEndpoints, planeInternalEndpoints } from '@pacspace/api/endpoints'
import { BalanceAmount, Hash, Instant, Metadata, Nullable } from '@pacspace/api/field'
import { Type } from '@pacspace/api/schema'
import fc from 'fast-check'
import { compileWriter, writeAnything } from './answer-writer.ts'

const Word = Type.Union([Type.Literal('QUEUED'), Type.Literal('VERIFIED')])
const schema = Type.Object({
  amount: BalanceAmount,
  maybe: Nullable(BalanceAmount),
  text: Type.String(),
  at: Instant,
  hash: Hash,
  count: Type.Integer(),
  word: Word,
  metadata: Nullable(Metadata),
  items: Type.Array(Type.Object({ amount: BalanceAmount, flag: Type.Boolean() })),
  other: Type.Optional(Type.Unknown()),
  form: Type.Optional(Type.Union([Type.Object({ a: BalanceAmount }), Type.Object({ b: Type.String() })])),
})
const write = compileWriter(schema)

const anyAmount = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n })
const anyText = fc.string({ unit: 'binary' })
const anyValue = fc.record(
  {
    amount: anyAmount,
    maybe: fc.option(anyAmount),
    text: anyText,
    at: fc.constant('2026-01-15T12:00:05.000Z'),
    hash: fc.constant(`0x${'a1'.repeat(32)}`),
    count: fc.maxSafeInteger(),
    word: fc.constantFrom('QUEUED', 'VERIFIED'),
    metadata: fc.option(fc.dictionary(anyText, fc.jsonValue(), { noNullPrototype: true })),
    items: fc.array(fc.record({ amount: anyAmount, flag: fc.boolean() })),
    other: fc.jsonValue(),
    form: fc.oneof(fc.record({ a: anyAmount }), fc.record({ b: anyText })),
  },
  {
    requiredKeys: ['amount', 'maybe', 'text', 'at', 'hash', 'count', 'word', 'metadata', 'items'],
    noNullPrototype: true,
  },
)

/** Members in the order of the schema, as the writer has them. */
function inOrder(value: object): object {
  const names = Object.keys(schema.properties).filter((name) => name in value)
  return Object.fromEntries(names.map((name) => [name, value[name as keyof typeof value]])) // filtered by it
}

describe('the writer of an answer', () => {
  it('writes what JSON.stringify writes, amounts exact, in both styles', () => {
    fc.assert(
      fc.property(anyValue, fc.constantFrom('number' as const, 'string' as const), (value, amounts) => {
        assert.equal(write(value, amounts), writeAnything(inOrder(value), amounts))
      }),
      { numRuns: 500 },
    )
  })

  it('R18 amounts have all their digits, as numbers or as canonical strings', () => {
    const one = compileWriter(Type.Object({ a: BalanceAmount }))
    assert.equal(one({ a: 100_000_000_000_000_000_100n }, 'number'), '{"a":100000000.0000000001}')
    assert.equal(one({ a: -1n }, 'string'), '{"a":"-0.000000000001"}')
    assert.equal(one({ a: 0n }, 'number'), '{"a":0}')
  })

  it('what the schema does not declare never leaves', () => {
    const closed = compileWriter(
      Type.Object({ id: Type.String(), nested: Type.Array(Type.Object({ id: Type.String() })) }),
    )
    const value = { id: 'x', password_hash: 'secret', nested: [{ id: 'y', token: 'secret' }] }
    assert.equal(closed(value, 'number'), '{"id":"x","nested":[{"id":"y"}]}')
  })

  it('text that JSON must escape is escaped wherever a schema admits it', () => {
    for (const field of [Type.String(), Nullable(Type.String()), Type.Unknown(), Metadata]) {
      const value = field === Metadata ? { k: '"\\\n\u2028é\ud83d' } : '"\\\n\u2028é\ud83d'
      assert.deepEqual(JSON.parse(compileWriter(Type.Object({ v: field }))({ v: value }, 'number')), {
        v: value,
      })
    }
  })

  it('can be compiled for every endpoint', () => {
    for (const { success } of [...controlPlaneEndpoints, ...dataPlaneEndpoints, ...planeInternalEndpoints]) {
      assert.equal(typeof compileWriter(success.data), 'function')
    }
  })
})
