import assert from 'node:assert/strict'
import { test } from 'node:test'
import { baseUrlOf } from './base-url.ts'

const none = {}
const sandbox = { apiKey: 'pk_test_x.y' }
const production = { apiKey: 'pk_live_x.y' }

test('without configuration the key’s prefix chooses the published host', () => {
  assert.equal(baseUrlOf(sandbox, none), 'https://api-sandbox-wnizuypena-uw.a.run.app')
  assert.equal(baseUrlOf(production, none), 'https://api.pacspace.io')
})

test('environment variables come before the published hosts, options before them, baseUrl before all', () => {
  const variables = {
    PACSPACE_SANDBOX_URL: 'http://variable-s',
    PACSPACE_PRODUCTION_URL: 'http://variable-p',
  }
  assert.equal(baseUrlOf(sandbox, variables), 'http://variable-s')
  assert.equal(baseUrlOf(production, variables), 'http://variable-p')
  const options = { sandboxUrl: 'http://option-s', productionUrl: 'http://option-p' }
  assert.equal(baseUrlOf({ ...sandbox, ...options }, variables), 'http://option-s')
  assert.equal(baseUrlOf({ ...production, ...options }, variables), 'http://option-p')
  for (const key of [sandbox, production]) {
    assert.equal(
      baseUrlOf({ ...key, ...options, baseUrl: 'http://all/below/' }, variables),
      'http://all/below',
    )
  }
})

test('the variables are those of the process', () => {
  const before = process.env.PACSPACE_SANDBOX_URL
  process.env.PACSPACE_SANDBOX_URL = 'http://127.0.0.1:3601'
  try {
    assert.equal(baseUrlOf(sandbox), 'http://127.0.0.1:3601')
    process.env.PACSPACE_SANDBOX_URL = ''
    assert.equal(baseUrlOf(sandbox), 'https://api-sandbox-wnizuypena-uw.a.run.app')
  } finally {
    delete process.env.PACSPACE_SANDBOX_URL
    if (before !== undefined) process.env.PACSPACE_SANDBOX_URL = before
  }
})

test('a key of neither environment is refused, unless baseUrl says where it goes', () => {
  assert.throws(() => baseUrlOf({ apiKey: 'sk_test_x' }, none), { code: 'INVALID_OPTION' })
  assert.equal(baseUrlOf({ apiKey: 'sk_test_x', baseUrl: 'http://here' }, none), 'http://here')
})

test('what is no base URL is refused', () => {
  for (const baseUrl of ['here', 'ftp://here', 'http://here/?a=1', 'http://here/#a']) {
    assert.throws(() => baseUrlOf({ ...sandbox, baseUrl }, none), { code: 'INVALID_OPTION' })
  }
})
