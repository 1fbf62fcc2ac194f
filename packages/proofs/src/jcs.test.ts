import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seededRandom } from '../testdata/random.ts'
import { askIndependent, skipWithoutPython } from '../testdata/run-independent.ts'
import { toHex } from './hex.ts'
import { canonicalJson, JSON_DEPTH_MAX, parseCanonicalJson, quoteJson } from './jcs.ts'
import { parseJson } from './parse-json.ts'
import { sha256Text } from './sha256.ts'

test('the sample of RFC 8785 §3.2.2 and §3.2.3 is serialised and sorted as shown there', () => {
  const sample = {
    // biome-ignore lint/correctness/noPrecisionLoss: as the RFC prints it, more digits than a double has
    numbers: [333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
    literals: [null, true, false],
  }
  assert.equal(
    canonicalJson(sample),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

test('members are sorted by UTF-16 code units: the example of RFC 8785 §3.2.3', () => {
  const sample = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\u{1F600}': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  }
  assert.deepEqual(
    Object.values(
      JSON.parse(
        `[${canonicalJson(sample)
          .slice(1, -1)
          .replaceAll(/"[^"]*":/g, '')}]`,
      ),
    ),
    [
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ],
  )
})

test('numbers are written as RFC 8785 appendix B shows', () => {
  const samples: [bigint, string][] = [
    [0x0000000000000000n, '0'],
    [0x8000000000000000n, '0'],
    [0x0000000000000001n, '5e-324'],
    [0x8000000000000001n, '-5e-324'],
    [0x7fefffffffffffffn, '1.7976931348623157e+308'],
    [0xffefffffffffffffn, '-1.7976931348623157e+308'],
    [0x4340000000000000n, '9007199254740992'],
    [0xc340000000000000n, '-9007199254740992'],
    [0x4430000000000000n, '295147905179352830000'],
    [0x44b52d02c7e14af5n, '9.999999999999997e+22'],
    [0x44b52d02c7e14af6n, '1e+23'],
    [0x44b52d02c7e14af7n, '1.0000000000000001e+23'],
    [0x444b1ae4d6e2ef4en, '999999999999999700000'],
    [0x444b1ae4d6e2ef4fn, '999999999999999900000'],
    [0x444b1ae4d6e2ef50n, '1e+21'],
    [0x3eb0c6f7a0b5ed8cn, '9.999999999999997e-7'],
    [0x3eb0c6f7a0b5ed8dn, '0.000001'],
    [0x41b3de4355555553n, '333333333.3333332'],
    [0x41b3de4355555554n, '333333333.33333325'],
    [0x41b3de4355555555n, '333333333.3333333'],
    [0x41b3de4355555556n, '333333333.3333334'],
    [0x41b3de4355555557n, '333333333.33333343'],
    [0xbecbf647612f3696n, '-0.0000033333333333333333'],
    [0x43143ff3c1cb0959n, '1424953923781206.2'],
  ]
  const view = new DataView(new ArrayBuffer(8))
  for (const [bits, text] of samples) {
    view.setBigUint64(0, bits)
    assert.equal(canonicalJson(view.getFloat64(0)), text)
  }
})

test('Unicode is left as it is: NFC and NFD are two texts', () => {
  assert.equal(canonicalJson('\u00e9'), '"\u00e9"')
  assert.equal(canonicalJson('e\u0301'), '"e\u0301"')
  assert.equal(canonicalJson('\u2028\u007f\ufffd'), '"\u2028\u007f\ufffd"')
})

test('what JSON cannot express is refused', () => {
  const values = [
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1n,
    Symbol('s'),
    () => 1,
    new Date(0),
    new Map(),
    Array(1),
    { a: undefined },
    [undefined],
  ]
  for (const value of values) assert.throws(() => canonicalJson(value), { code: 'NOT_JSON' })
})

test('a lone surrogate is refused in a value and in a member name', () => {
  for (const text of ['\ud800', 'a\udc00', '\udc00\ud800']) {
    assert.throws(() => canonicalJson(text), { code: 'ILL_FORMED_STRING' })
    assert.throws(() => canonicalJson({ [text]: 1 }), { code: 'ILL_FORMED_STRING' })
    assert.throws(() => quoteJson(text), { code: 'ILL_FORMED_STRING' })
  }
})

test('the last depth accepted and the first refused', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
  assert.equal(canonicalJson(nested(JSON_DEPTH_MAX)), `${'['.repeat(64)}1${']'.repeat(64)}`)
  assert.throws(() => canonicalJson(nested(JSON_DEPTH_MAX + 1)), { code: 'TOO_DEEP' })
  assert.throws(() => canonicalJson({ a: { b: {} } }, 2), { code: 'TOO_DEEP' })
  assert.equal(canonicalJson({ a: { b: 1 } }, 2), '{"a":{"b":1}}')
})

test('__proto__ is a member like any other', () => {
  assert.equal(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}')), '{"__proto__":{"a":2},"b":1}')
  assert.equal(canonicalJson(Object.assign(Object.create(null), { a: 1 })), '{"a":1}')
})

test('parseCanonicalJson takes exactly the canonical text', () => {
  assert.deepEqual(parseCanonicalJson('{"a":[1,"x"],"b":null}'), { a: [1, 'x'], b: null })
  for (const text of [
    '{"b":1,"a":2}',
    '{"a":1,"a":1}',
    '{"a": 1}',
    '1.0',
    '-0',
    '1e2',
    '"\\u0061"',
    ' 1',
    '"\\/"',
  ]) {
    assert.throws(() => parseCanonicalJson(text), { code: 'NOT_CANONICAL' }, text)
  }
  for (const text of ['', '{', 'NaN', "{'a':1}", '[1,]', '\ufeff1']) {
    assert.throws(() => parseCanonicalJson(text), { code: 'MALFORMED' }, text)
  }
  assert.throws(() => parseCanonicalJson('[[1]]', 1), { code: 'TOO_DEEP' })
  assert.throws(() => parseCanonicalJson('"\\ud800"'), { code: 'ILL_FORMED_STRING' })
})

test('canonical text parses back to the same value, and is its own canonical form', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      const text = canonicalJson(value)
      const read = parseCanonicalJson(text)
      assert.equal(canonicalJson(read), text)
      assert.deepEqual(read, parseJson(JSON.stringify(value), JSON_DEPTH_MAX))
    }),
  )
})

test('P11 canonical JSON: 100,000 random texts give the same bytes here and in Python', {
  skip: skipWithoutPython,
}, () => {
  const seed = 20_260_101
  const texts = Array.from({ length: 100_000 }, (_, i) => randomJsonText(seededRandom(seed + i), 3))
  const answers = askIndependent('jcs', `${texts.join('\n')}\n`).split('\n')
  assert.equal(answers.length, texts.length)
  let refused = 0
  texts.forEach((text, i) => {
    const own = ownAnswer(text)
    if (own === 'refused') refused++
    assert.equal(own, answers[i], `seed ${seed + i}: ${text}`)
  })
  assert.ok(refused > 100 && refused < 50_000, `${refused} of them were refused by both`)
})

function ownAnswer(text: string): string {
  try {
    return toHex(sha256Text(canonicalJson(parseJson(text, JSON_DEPTH_MAX)))).slice(2)
  } catch {
    return 'refused'
  }
}

const ALPHABET = [
  'a',
  'b',
  'Z',
  '0',
  ' ',
  '"',
  '\\',
  '/',
  '\b',
  '\t',
  '\n',
  '\f',
  '\r',
  '\u0000',
  '\u001f',
  '\u007f',
  '\u0080',
  '\u00e9',
  'e\u0301',
  '\u2028',
  '\ud7ff',
  '\ue000',
  '\ufb33',
  '\uffff',
  '\u{10000}',
  '\u{1F600}',
  '\u{10ffff}',
]

/** JSON text as anybody might send it: any order, spacing, escape and spelling of numbers; lone surrogates escaped. */
function randomJsonText(random: (below: number) => number, depth: number): string {
  const space = () => ['', '', '', ' ', '\t', ' \r '][random(6)] ?? ''
  switch (random(depth > 0 ? 8 : 5)) {
    case 0:
      return ['null', 'true', 'false'][random(3)] ?? ''
    case 1:
    case 2:
      return randomNumberText(random)
    case 3:
    case 4:
      return randomStringText(random)
    case 5: {
      const items = Array.from(
        { length: random(4) },
        () => `${space()}${randomJsonText(random, depth - 1)}${space()}`,
      )
      return `[${items.join(',')}]`
    }
    default: {
      // Names are unique: JSON.parse keeps the last of a pair where Python is told to refuse, and both are right.
      const names = new Set(Array.from({ length: random(5) }, () => randomStringText(random)))
      const byValue = new Map(Array.from(names, (name) => [JSON.parse(name), name]))
      const members = Array.from(
        byValue.values(),
        (name) => `${space()}${name}${space()}:${randomJsonText(random, depth - 1)}`,
      )
      return `{${members.join(',')}}`
    }
  }
}

function randomNumberText(random: (below: number) => number): string {
  const sign = random(3) === 0 ? '-' : ''
  switch (random(4)) {
    case 0:
      return `${sign}${random(1000)}`
    case 1:
      return `${sign}${random(2 ** 30)}${String(random(2 ** 30)).padStart(10, '0')}.${random(10 ** 9)}`.replace(
        /^(-?)0+(?=\d)/,
        '$1',
      )
    case 2: {
      const view = new DataView(new ArrayBuffer(8))
      view.setUint32(0, random(2 ** 32))
      view.setUint32(4, random(2 ** 32))
      const double = view.getFloat64(0)
      return Number.isFinite(double) ? String(double) : '0'
    }
    default:
      return `${sign}${random(10)}.${random(10 ** 6)}${random(2) === 0 ? 'e' : 'E'}${['', '+', '-'][random(3)]}${random(330)}`
  }
}

function randomStringText(random: (below: number) => number): string {
  let text = ''
  for (let i = random(6); i > 0; i--) {
    const char = ALPHABET[random(ALPHABET.length)] ?? ''
    const escaped = Array.from(
      { length: char.length },
      (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`,
    )
    text += random(3) === 0 ? escaped.join('') : JSON.stringify(char).slice(1, -1)
    if (random(400) === 0) text += ['\\ud800', '\\udFFF'][random(2)]
  }
  return `"${text}"`
}
