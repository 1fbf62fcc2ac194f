import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { crc32 } from 'node:zlib'
import { API_KEY_PATTERN, environmentOfKeyPrefix, newApiKey, parseApiKey } from './api-key.ts'
import { environments } from './environment.ts'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const { fullKey } = newApiKey('sandbox', randomBytes)

describe('K1 API keys', () => {
  it('a fresh key matches the published form and is parsed into its parts', () => {
    for (const environment of environments) {
      const key = newApiKey(environment, randomBytes)
      assert.match(key.fullKey, API_KEY_PATTERN)
      const { fullKey: text, ...parts } = key
      assert.deepEqual(parseApiKey(text), parts)
      assert.equal(`${key.publicKey}.${key.secret}`, text)
      assert.equal(key.environment, environment)
    }
  })

  it('its checksum is CRC-32/ISO-HDLC of all before it, in base62, as an independent implementation computes it', () => {
    for (let i = 0; i < 1_000; i++) {
      const key = newApiKey('production', randomBytes).fullKey
      let rest = crc32(key.slice(0, -6))
      let expected = ''
      for (let digit = 0; digit < 6; digit++, rest = Math.floor(rest / 62))
        expected = BASE62.charAt(rest % 62) + expected
      assert.equal(key.slice(-6), expected)
    }
  })

  it('any single wrong character is refused without a look-up', () => {
    for (let position = 0; position < fullKey.length; position++) {
      for (const character of `${BASE62}._- é`) {
        if (character === fullKey[position]) continue
        const typo = fullKey.slice(0, position) + character + fullKey.slice(position + 1)
        assert.equal(parseApiKey(typo), undefined, typo)
      }
    }
  })

  it('a lost, doubled or swapped character is refused', () => {
    for (let position = 0; position < fullKey.length; position++) {
      const [before, at, rest] = [
        fullKey.slice(0, position),
        fullKey.charAt(position),
        fullKey.slice(position + 1),
      ]
      assert.equal(parseApiKey(before + rest), undefined)
      assert.equal(parseApiKey(before + at + at + rest), undefined)
      const next = rest.charAt(0)
      if (next !== '' && next !== at) assert.equal(parseApiKey(before + next + at + rest.slice(1)), undefined)
    }
  })

  it('anything around it, or the other environment, is refused', () => {
    for (const text of [
      '',
      ' ',
      `${fullKey} `,
      ` ${fullKey}`,
      `${fullKey}\n`,
      fullKey.toUpperCase(),
      fullKey.replace('pk_test_', 'pk_live_'),
      fullKey.replace('pk_', 'sk_'),
      'pk_test_1.2',
      'x'.repeat(1_000_000),
    ]) {
      assert.equal(parseApiKey(text), undefined)
    }
  })

  it('256 bits are secret: 43 characters that use the whole alphabet evenly', () => {
    const counts = new Map<string, number>()
    const keys = 2_000
    for (let i = 0; i < keys; i++) {
      for (const character of newApiKey('sandbox', randomBytes).secret.slice(0, 43)) {
        counts.set(character, (counts.get(character) ?? 0) + 1)
      }
    }
    assert.equal(counts.size, 62)
    const expected = (keys * 43) / 62
    // ±8 standard deviations: with bytes taken modulo 62 without rejection, eight letters come 25 % more often.
    for (const count of counts.values())
      assert.ok(Math.abs(count - expected) < 8 * Math.sqrt(expected), String(count))
  })
})

it('the prefix alone names the environment', () => {
  assert.equal(environmentOfKeyPrefix('pk_live_anything'), 'production')
  assert.equal(environmentOfKeyPrefix('pk_test_'), 'sandbox')
  for (const text of ['', 'pk_', 'PK_TEST_x', 'pk_prod_x'])
    assert.equal(environmentOfKeyPrefix(text), undefined)
})
