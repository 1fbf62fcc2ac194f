import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toBase64 } from './base64.ts'
import { toHex } from './hex.ts'
import {
  formatVerifierKey,
  isKeyName,
  isSameKey,
  parseVerifierKey,
  SIGNATURE_TYPES,
  verifierKey,
} from './verifier-key.ts'

/** The key of the Go reference implementation's documentation (golang.org/x/mod/sumdb/note). */
const GO_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
/** The key of the Go checksum database, public since 2019. */
const SUM_GOLANG_ORG = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8'

test('P5 verifier keys of other implementations parse, and are written as they were', () => {
  const key = parseVerifierKey(GO_KEY)
  assert.equal(key.name, 'PeterNeumann')
  assert.equal(toHex(key.keyId), '0xc74f20a3')
  assert.equal(key.type, SIGNATURE_TYPES.ed25519)
  assert.equal(key.publicKey.length, 32)
  for (const text of [GO_KEY, SUM_GOLANG_ORG]) assert.equal(formatVerifierKey(parseVerifierKey(text)), text)
})

test('a key of a witness differs from the same key of a log in its ID', () => {
  const publicKey = parseVerifierKey(GO_KEY).publicKey
  const log = verifierKey('example.com/log', publicKey)
  const witness = verifierKey('example.com/log', publicKey, SIGNATURE_TYPES.cosignature)
  assert.equal(isSameKey(log, witness), false)
  assert.equal(isSameKey(witness, parseVerifierKey(formatVerifierKey(witness))), true)
  assert.equal(isSameKey(log, { ...log, name: 'example.com/other' }), false)
})

test('a text with any part missing, wrong or written otherwise is no key', () => {
  const [name, id, material] = GO_KEY.split('+') as [string, string, string]
  const bad = [
    '',
    `${name}+${id}`,
    `+${id}+${material}`,
    `${name}+C74F20A3+${material}`,
    `${name}+c74f20a4+${material}`,
    `${name}+c74f20a+${material}`,
    `Peter Neumann+${id}+${material}`,
    `other+${id}+${material}`,
    `${name}+${id}+${material}\n`,
    `${name}+${id}+${material.slice(0, -4)}`,
    `${name}+${id}+${material}AAAA`,
    `${name}+${id}+`,
    `${name}+${id}+====`,
    `${name}+${id}+${toBase64(Uint8Array.of(2, ...new Uint8Array(32)))}`,
  ]
  for (const text of bad) assert.throws(() => parseVerifierKey(text), { code: 'MALFORMED' }, text)
})

test('names hold no space of any script, no plus and no control character', () => {
  const publicKey = new Uint8Array(32)
  for (const name of ['example.com/log/1', 'größe.example', '日本']) {
    assert.ok(isKeyName(name))
    assert.equal(verifierKey(name, publicKey).name, name)
  }
  for (const name of ['', 'a b', 'a+b', 'a\nb', 'a\u00a0b', 'a\u3000b', 'a\u0000', '\ud800']) {
    assert.throws(() => verifierKey(name, publicKey), { code: 'MALFORMED' }, JSON.stringify(name))
  }
  assert.throws(() => verifierKey('a', new Uint8Array(31)), { code: 'MALFORMED' })
})
