import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalJson } from './jcs.ts'
import { parseJson } from './parse-json.ts'

test('a text parsed before never changes the names in the next one (nodejs/node issue 63785)', () => {
  const names = (text: string) => Object.keys(Object(parseJson(text, 8)))
  for (const poison of ['{"h":[],"\\\\":0}', '{"h":[],"a\\\\":0}']) {
    JSON.parse(poison)
    parseJson(poison, 8)
  }
  assert.deepEqual(names('{"h":1,"\\"":2}'), ['h', '"'])
  assert.deepEqual(names('{"h":1,"\\n":2}'), ['h', '\n'])
  assert.deepEqual(names('{"h":1,"a\\u0063":2}'), ['h', 'ac'])
})

test('every value is read back, with and without escapes, in any spacing', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ stringUnit: 'binary' }),
      fc.constantFrom('', ' ', '\n\t\r '),
      (value, space) => {
        const text = JSON.stringify(value)
        const spaced = `${space}[${space}${text}${space},${space}"\\u0041"${space}]${space}`
        assert.equal(canonicalJson(parseJson(spaced, 100)), canonicalJson([value, 'A']))
        assert.equal(canonicalJson(parseJson(text, 100)), canonicalJson(value))
      },
    ),
  )
})

test('numbers, literals and nested empty values are read beside an escape', () => {
  const text = '[{},[], -0.5e+2 ,true,false,null,0,{"a":{"b":[1,2]}},"\\ud83d\\ude00\\/"]'
  assert.deepEqual(parseJson(text, 8), [
    {},
    [],
    -50,
    true,
    false,
    null,
    0,
    { a: { b: [1, 2] } },
    '\u{1F600}/',
  ])
})

test('of a member named twice the last one stands, and __proto__ is a member', () => {
  assert.deepEqual(parseJson('{"\\u0061":1,"a":2}', 8), { a: 2 })
  const object = parseJson('{"__proto__":{"\\u0061":1}}', 8)
  assert.deepEqual(Object.keys(Object(object)), ['__proto__'])
  assert.equal(Object.getPrototypeOf(object), Object.prototype)
})

test('what is not JSON is refused beside an escape too', () => {
  const parts = [
    '',
    '{',
    '[',
    '[1',
    '[1,]',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    "{'a':1}",
    '{a:1}',
    '01',
    '+1',
    '1.',
    '.5',
    '1e',
    'NaN',
    'tru',
    '"\\x"',
    '"\\u12"',
    '"\t"',
    '"',
    '[1 2]',
    '1 2',
    '\u00a01',
    '\ufeff1',
  ]
  for (const part of parts) {
    assert.throws(() => parseJson(part, 8), { code: 'MALFORMED' }, part)
    assert.throws(() => parseJson(`["\\n",${part}]`, 8), { code: 'MALFORMED' }, part)
  }
  assert.throws(() => parseJson('"\\n"]', 8), { code: 'MALFORMED' })
})

test('the last depth accepted and the first refused', () => {
  assert.deepEqual(parseJson('[["\\n"]]', 2), [['\n']])
  assert.throws(() => parseJson('[["\\n"]]', 1), { code: 'TOO_DEEP' })
  assert.throws(() => parseJson(`${'['.repeat(100_000)}"\\n"`, 64), { code: 'TOO_DEEP' })
})
