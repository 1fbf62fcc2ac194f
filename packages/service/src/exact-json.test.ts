import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Problem } from '@pacspace/api/problem'
import fc from 'fast-check'
import { DEPTH_MAX, NumberLiteral, parseExactJson, VALUES_MAX } from './exact-json.ts'

const parse = (text: string) => parseExactJson(Buffer.from(text))

/** The literal that a field got, or undefined where it got a plain number. */
function literalIn(text: string): string | undefined {
  const value = parse(`{"n":${text}}`)
  assert.ok(typeof value === 'object' && value !== null && 'n' in value)
  if (value.n instanceof NumberLiteral) return value.n.literal
  assert.equal(typeof value.n, 'number')
  return undefined
}

function refusal(text: string | Buffer): string {
  try {
    parseExactJson(Buffer.from(text))
  } catch (error) {
    assert.ok(error instanceof Problem)
    assert.equal(error.code, 'VALIDATION_ERROR')
    return error.message
  }
  assert.fail(`accepted: ${String(text).slice(0, 80)}`)
}

describe('R18 numbers', () => {
  it('a literal that a double holds stays a number', () => {
    const plain = [
      '0',
      '-0',
      '0.1',
      '1',
      '-250',
      '1e3',
      '1E+3',
      '1e-07',
      '123456789012345',
      '1.50',
      '100e-2',
      '0e99',
    ]
    for (const text of [
      ...plain,
      '1000000000000000000',
      '9007199254740992',
      '5e-324',
      '0.30000000000000004',
    ]) {
      assert.equal(literalIn(text), undefined, text)
    }
  })

  it('a literal with more digits than a double holds is kept as written', () => {
    for (const text of [
      '100000000.0000000001',
      '0.1000000000000000055511151231257827',
      '9007199254740993',
      '-123456789.123456789012',
      '1e400',
      '-1e400',
      '1e-400',
      '1.0000000000000000000000000000001',
    ]) {
      assert.equal(literalIn(text), text)
    }
  })

  it('any decimal of up to 15 digits survives as the decimal that was sent', () => {
    const decimals = fc.tuple(fc.boolean(), fc.nat(999_999_999), fc.nat(999_999))
    fc.assert(
      fc.property(decimals, ([negative, integer, fraction]) => {
        const text = `${negative ? '-' : ''}${integer}.${String(fraction).padStart(6, '0')}`
        assert.equal(literalIn(text), undefined)
        assert.equal(Number(text), (parse(`[${text}]`) as number[])[0])
      }),
    )
  })

  it('numbers inside strings are text', () => {
    assert.deepEqual(parse('{"n":"100000000.0000000001"}'), { n: '100000000.0000000001' })
  })
})

describe('K11 what is refused', () => {
  it('text that is not JSON', () => {
    for (const text of [
      '',
      ' ',
      '{',
      '{"a"}',
      '{"a":1,}',
      "{'a':1}",
      '[1 2]',
      'NaN',
      '+1',
      '01',
      '1.',
      '.5',
      '"\n"',
      '\ufeff{}',
    ]) {
      assert.match(refusal(text), /is not valid JSON|twice/, JSON.stringify(text))
    }
  })

  it('bytes that are not UTF-8, overlong and surrogates included', () => {
    for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
      assert.match(refusal(Buffer.from([0x22, ...bytes, 0x22])), /not valid UTF-8/)
    }
  })

  it('a member named twice, at any depth, however it is escaped', () => {
    assert.match(refusal('{"a":1,"a":1}'), /names a member twice/)
    assert.match(refusal('{"a":1,"\\u0061":2}'), /names a member twice/)
    assert.match(refusal('[{"x":[{"a":{},"a":{}}]}]'), /names a member twice/)
    assert.deepEqual(parse('[{"a":1},{"a":2}]'), [{ a: 1 }, { a: 2 }])
  })

  it('__proto__ and constructor.prototype, however escaped; a member called constructor is no crime', () => {
    assert.match(refusal('{"__proto__":{"isAdmin":true}}'), /__proto__/)
    assert.match(refusal('{"a":[{"\\u005f_proto__":1}]}'), /__proto__/)
    assert.match(refusal('{"constructor":{"prototype":{}}}'), /prototype/)
    assert.deepEqual(parse('{"constructor":"Acme Builders"}'), { constructor: 'Acme Builders' })
  })

  it('NUL and half characters in strings and names; whole characters pass', () => {
    assert.match(refusal('{"a":"x\\u0000"}'), /a must be well-formed Unicode without NUL/)
    assert.match(refusal('{"a":"\\ud83d"}'), /well-formed/)
    assert.match(refusal('["\\udc00"]'), /well-formed/)
    assert.match(refusal('{"\\u0000":1}'), /names a member with .* a control character/)
    assert.deepEqual(parse('["\\ud83d\\ude00", "\\u00e9"]'), ['😀', 'é'])
  })

  it(`nesting deeper than ${DEPTH_MAX}`, () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    assert.ok(parse(nested(DEPTH_MAX)))
    assert.match(refusal(nested(DEPTH_MAX + 1)), /nested deeper than 64/)
    assert.match(refusal(nested(1_000_000)), /nested deeper/)
  })

  it(`more than ${VALUES_MAX} values`, () => {
    const members = (count: number) => `{${Array.from({ length: count }, (_, i) => `"${i}":1`).join()}}`
    assert.ok(parse(members(VALUES_MAX / 2)))
    assert.match(refusal(members(VALUES_MAX)), /more than 100000 values/)
    assert.match(refusal(`[${'1,'.repeat(VALUES_MAX + 1)}1]`), /more than 100000 values/)
  })
})

it('gives what JSON.parse gives, for any JSON without such things', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value)
      if (text.includes('__proto__') || text.includes('\\u0000') || !text.isWellFormed()) return
      if (/\\ud[89a-f]/.test(text)) return
      // Such names are refused, and JSON.parse, the oracle, may be wrong about them.
      if (/\\(?:[^"\\]|\\.)*"\s*:/.test(text)) return
      assert.deepEqual(parse(text), JSON.parse(text))
    }),
    { numRuns: 500 },
  )
})

describe('names written with escapes (nodejs/node issue 63785)', () => {
  it("one caller's body never changes what another's names mean", () => {
    parse('{"h":[],"\\u0067":0}')
    assert.deepEqual(parse('{"h":1,"\\u00f6":2,"gr\\u00f6\\u00dfe" : {"a\\u0062":"\\n"}}'), {
      h: 1,
      ö: 2,
      größe: { ab: '\n' },
    })
  })

  it('a name that cannot be written without an escape is refused', () => {
    for (const name of ['\\"', '\\\\', 'a\\nb', '\\u0000', '\\ud800']) {
      assert.match(refusal(`{"h":1,"${name}":2}`), /names a member with/)
    }
  })
})
