import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DeltaBody } from '@pacspace/api/definition/ledger'
import { BalanceAmount, Instant, Metadata, Nullable, Strict, Text } from '@pacspace/api/field'
import { Type } from '@pacspace/api/schema'
import type { TSchema } from 'typebox'
import { parseExactJson } from './exact-json.ts'
import { compileValidator, DETAILS_MAX } from './validation.ts'

const good = { customerId: 'cust_77', delta: '-250', reason: 'seat charge' }

function check(schema: TSchema, json: string) {
  return compileValidator<Record<string, unknown>>(schema)(parseExactJson(Buffer.from(json)))
}

function accepted(schema: TSchema, json: string): Record<string, unknown> {
  const validation = check(schema, json)
  assert.ok(validation.ok, validation.ok ? '' : validation.message)
  return validation.value
}

function refused(schema: TSchema, json: string): string {
  const validation = check(schema, json)
  assert.ok(!validation.ok, `accepted ${json}`)
  return validation.message
}

describe('R18 amounts', () => {
  const delta = (literal: string) => `{"customerId":"c","reason":"r","delta":${literal}}`

  it('numbers and decimal strings become the exact amount', () => {
    for (const [literal, units] of [
      ['0.1', 100_000_000_000n],
      ['"0.1"', 100_000_000_000n],
      ['1e-07', 100_000n],
      ['1e3', 1_000_000_000_000_000n],
      ['100000000.0000000001', 100_000_000_000_000_000_100n],
      ['999999999.999999', 999_999_999_999_999_000_000n],
      ['-1000000000', -1_000_000_000_000_000_000_000n],
      ['0.000000000001', 1n],
      ['0.1000000000000000000000', 100_000_000_000n],
    ] as const) {
      assert.equal(accepted(DeltaBody, delta(literal)).delta, units, literal)
    }
  })

  it('everything else is refused with the reason', () => {
    for (const [literal, reason] of [
      ['0', 'must not be zero'],
      ['-0', 'must not be zero'],
      ['1e400', 'is out of range'],
      ['1e-18', 'at most 12 digits'],
      ['0.0000000000001', 'at most 12 digits'],
      ['1000000000.000000000001', 'between -1000000000 and 1000000000'],
      ['1000000001', 'between -1000000000 and 1000000000'],
      ['"1,5"', 'must be a finite decimal number'],
      ['"NaN"', 'must be a finite decimal number'],
      ['""', 'must be a finite decimal number'],
      ['true', 'must be a number or a decimal string'],
      ['null', 'must be a number or a decimal string'],
      ['[1]', 'must be a number or a decimal string'],
      [`1${'0'.repeat(100)}`, 'is out of range'],
      [`1${'1'.repeat(100)}`, 'at most 64 characters'],
    ] as const) {
      assert.match(refused(DeltaBody, delta(literal)), new RegExp(`^delta .*${reason}`), literal)
    }
  })

  it('a balance may be zero', () => {
    assert.equal(accepted(Strict({ b: BalanceAmount }), '{"b":-0}').b, 0n)
  })
})

describe('refusals name every bad field', () => {
  it('missing, unknown and wrong fields at once, as JSON pointers', () => {
    const validation = check(
      DeltaBody,
      '{"customerId":"a/b","delta":"x","amount":1,"a/b~c":2,"referenceId":7}',
    )
    assert.ok(!validation.ok)
    assert.deepEqual(validation.details.map(({ path }) => path).sort(), [
      '/amount',
      '/a~1b~0c',
      '/customerId',
      '/delta',
      '/reason',
      '/referenceId',
    ])
    assert.match(validation.message, /reason is required/)
    assert.match(validation.message, /amount is not a known field/)
    assert.match(validation.message, /a\/b~c is not a known field/)
  })

  it(`at most ${DETAILS_MAX}, the rest counted`, () => {
    const fields = Array.from({ length: 100 }, (_, i) => `"x${i}":1`).join()
    const validation = check(Strict({}), `{${fields}}`)
    assert.ok(!validation.ok)
    assert.equal(validation.details.length, DETAILS_MAX)
    assert.match(validation.message, /and 80 more$/)
  })

  it('a union speaks once', () => {
    const words = Strict({ w: Type.Union([Type.Literal('a'), Type.Literal('b')]) })
    assert.equal(refused(words, '{"w":"c"}'), 'w must be one of: a, b')
    assert.equal(
      refused(DeltaBody, JSON.stringify({ ...good, adjusts: {} })),
      'adjusts must be an object with exactly recordId, or referenceId',
    )
  })

  it('never repeats a value: it may be a secret', () => {
    const schema = Strict({
      p: Type.Unsafe<string>({ type: 'string', minLength: 20, pattern: '^x', 'x-secret': true }),
    })
    const validation = check(schema, '{"p":"hunter2-hunter2"}')
    assert.ok(!validation.ok)
    assert.doesNotMatch(JSON.stringify(validation), /hunter/)
  })
})

describe('metadata', () => {
  const schema = Strict({ metadata: Metadata })
  const metadata = (json: string) => `{"metadata":${json}}`

  it('integers within ±(2⁵³−1) and any double pass; long literals become the double', () => {
    const value = accepted(schema, metadata('{"a":9007199254740991,"b":[0.1000000000000000055],"c":-0.5}'))
    assert.deepEqual(value.metadata, { a: Number.MAX_SAFE_INTEGER, b: [0.1], c: -0.5 })
  })

  it('integers beyond, infinite numbers, and non-objects are refused', () => {
    for (const json of [
      '{"a":9007199254740992}',
      '{"a":9007199254740993}',
      '{"a":1e22}',
      '{"a":[{"b":-1e300}]}',
    ]) {
      assert.match(refused(schema, metadata(json)), /no integer beyond/, json)
    }
    assert.match(refused(schema, metadata('{"a":1e400}')), /finite/)
    for (const json of ['[]', 'null', '"x"', '1', '1e400']) {
      assert.match(refused(schema, metadata(json)), /must be an object/, json)
    }
  })

  it('16 KiB of JSON at most, 16 levels at most', () => {
    const text = (bytes: number) => metadata(`{"a":"${'x'.repeat(bytes - 8)}"}`)
    assert.ok(accepted(schema, text(16_384)))
    assert.match(refused(schema, text(16_385)), /16384 bytes/)
    assert.match(refused(schema, metadata(`{"a":"${'é'.repeat(8_189)}"}`)), /16384 bytes/)
    const nested = (depth: number) => metadata(`${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`)
    assert.ok(accepted(schema, nested(16)))
    assert.match(refused(schema, nested(17)), /16 levels/)
  })
})

describe('other fields', () => {
  it('instants become UTC with milliseconds; days that do not exist are refused', () => {
    const schema = Strict({ at: Instant })
    assert.equal(accepted(schema, '{"at":"2026-01-15"}').at, '2026-01-15T00:00:00.000Z')
    assert.equal(accepted(schema, '{"at":"2026-01-15T12:00:05+01:00"}').at, '2026-01-15T11:00:05.000Z')
    for (const json of ['{"at":"2026-02-30"}', '{"at":"yesterday"}', '{"at":1}', '{"at":null}'])
      refused(schema, json)
  })

  it('text may not hold NUL or half a character, and its length is in UTF-16 code units', () => {
    const validate = compileValidator(Strict({ t: Text({ maxLength: 2 }) }))
    assert.ok(validate({ t: '😀' }).ok)
    for (const t of ['😀a', '\0', '\ud83d', 7]) assert.ok(!validate({ t }).ok, JSON.stringify(t))
  })

  it('null is accepted where the schema says so, and the amount beside it still replaced', () => {
    const schema = Type.Object({ a: Nullable(BalanceAmount), b: Nullable(BalanceAmount) })
    assert.deepEqual(accepted(schema, '{"a":null,"b":1.5}'), { a: null, b: 1_500_000_000_000n })
  })
})
