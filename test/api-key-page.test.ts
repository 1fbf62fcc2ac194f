import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { API_KEY_PATTERN, parseApiKey } from '@pacspace/api/api-key'

const page = readFileSync(join(import.meta.dirname, '../docs/api-keys.md'), 'utf8')

it('K1 the published form of keys is the one that is accepted, and its example has a right checksum', () => {
  assert.equal(/```regex\n(.+)\n```/.exec(page)?.[1], API_KEY_PATTERN.source)
  const example = /^pk_\w+\.\w{49}$/m.exec(page)?.[0] ?? ''
  assert.equal(parseApiKey(example)?.publicKey, 'pk_test_PacSpaceExample0')
})
