import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatVerifierKey, SIGNATURE_TYPES, verifierKey } from '@pacspace/proofs/verifier-key'
import { isLogKey, knownKeysOf, knownLogKeys, rememberLogKey } from './known-log-keys.ts'

class MemoryStorage {
  text: string | null = null
  getItem = () => this.text
  setItem = (_name: string, text: string) => {
    this.text = text
  }
}

const keyOf = (name: string, byte: number) =>
  formatVerifierKey(verifierKey(name, new Uint8Array(32).fill(byte)))
const NOW = '2026-11-25T00:00:00.000Z'

describe('keys of logs that a browser remembers', () => {
  it('are told by origin, the first time that each was met; both keys of a rotation', () => {
    const storage = new MemoryStorage()
    rememberLogKey(keyOf('host/log/a', 1), NOW, storage)
    rememberLogKey(keyOf('host/log/b', 2), NOW, storage)
    rememberLogKey(keyOf('host/log/a', 1), '2027-01-01T00:00:00.000Z', storage)
    rememberLogKey(keyOf('host/log/a', 3), '2027-01-01T00:00:00.000Z', storage)
    assert.deepEqual(knownKeysOf('host/log/a', storage), [
      { key: keyOf('host/log/a', 1), since: NOW },
      { key: keyOf('host/log/a', 3), since: '2027-01-01T00:00:00.000Z' },
    ])
    assert.deepEqual(knownKeysOf('host/log/c', storage), [])
  })

  it('are keys of logs: what is none is not remembered, and what is found spoilt is left out', () => {
    const storage = new MemoryStorage()
    const witness = formatVerifierKey(verifierKey('w', new Uint8Array(32), SIGNATURE_TYPES.cosignature))
    for (const text of ['', 'host/log/a', `${keyOf('a', 1)}x`, keyOf('a', 1).replace('a+', 'b+'), witness]) {
      assert.equal(isLogKey(text), false, text)
      rememberLogKey(text, NOW, storage)
    }
    assert.equal(storage.text, null)
    for (const text of ['{', '7', '[1, null, {}]', `[{"key":"${keyOf('a', 1)}"}]`]) {
      storage.text = text
      assert.deepEqual(knownLogKeys(storage), [])
    }
  })

  it('are few', () => {
    const storage = new MemoryStorage()
    for (let i = 0; i < 230; i++) rememberLogKey(keyOf(`log/${i}`, 1), NOW, storage)
    assert.equal(knownLogKeys(storage).length, 200)
    assert.equal(knownKeysOf('log/229', storage).length, 1)
    assert.equal(knownKeysOf('log/29', storage).length, 0)
  })

  it('are none where storage is forbidden, and nothing breaks', () => {
    const forbidden = () => {
      throw new Error('forbidden')
    }
    assert.deepEqual(knownLogKeys({ getItem: forbidden }), [])
    rememberLogKey(keyOf('a', 1), NOW, { getItem: forbidden, setItem: forbidden })
  })
})
