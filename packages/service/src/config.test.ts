import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  base64Key,
  ConfigError,
  defineConfig,
  flag,
  httpUrl,
  list,
  oneOf,
  optional,
  port,
  postgresUrl,
  secret,
  text,
  wholeNumber,
  withDefault,
} from './config.ts'

const config = defineConfig({
  environment: oneOf('PACSPACE_ENVIRONMENT', ['sandbox', 'production']),
  databaseUrl: postgresUrl('PACSPACE_DATABASE_URL'),
  port: port('PACSPACE_PORT'),
  host: withDefault(text('PACSPACE_HOST'), '127.0.0.1'),
  publicUrl: httpUrl('PACSPACE_PUBLIC_URL'),
  secret: secret('PACSPACE_SECRET'),
  masterKey: optional(base64Key('PACSPACE_MASTER_KEY', 32)),
  workers: withDefault(wholeNumber('PACSPACE_WORKERS', { minimum: 1, maximum: 8 }), 2),
  unsafe: flag('PACSPACE_UNSAFE'),
  allow: list('PACSPACE_ALLOW'),
})
const good = {
  PACSPACE_ENVIRONMENT: 'sandbox',
  PACSPACE_DATABASE_URL: 'postgres://me:pw@127.0.0.1:5432/ledger',
  PACSPACE_PORT: '3601',
  PACSPACE_PUBLIC_URL: 'https://pacspace.test/',
  PACSPACE_SECRET: 'f3a9c1d07b5e4826f3a9c1d07b5e4826',
}

function refusals(env: Record<string, string | undefined>): readonly string[] {
  try {
    config.parse({ ...good, ...env })
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.refusals
  }
  return []
}

describe('configuration', () => {
  it('is parsed, with defaults for what is unset or empty', () => {
    assert.deepEqual(config.parse({ ...good, PACSPACE_HOST: '' }), {
      environment: 'sandbox',
      databaseUrl: good.PACSPACE_DATABASE_URL,
      port: 3601,
      host: '127.0.0.1',
      publicUrl: 'https://pacspace.test',
      secret: good.PACSPACE_SECRET,
      masterKey: undefined,
      workers: 2,
      unsafe: false,
      allow: [],
    })
  })

  it('takes what is set', () => {
    const key = Buffer.alloc(32, 7)
    const values = config.parse({
      ...good,
      PACSPACE_MASTER_KEY: key.toString('base64'),
      PACSPACE_WORKERS: '8',
      PACSPACE_UNSAFE: '1',
      PACSPACE_ALLOW: '127.0.0.1, ::1,',
    })
    assert.deepEqual(Buffer.from(values.masterKey ?? []), key)
    assert.deepEqual([values.workers, values.unsafe, values.allow], [8, true, ['127.0.0.1', '::1']])
  })

  it('says everything that is wrong at once', () => {
    const { length } = refusals({
      PACSPACE_ENVIRONMENT: 'testnet',
      PACSPACE_DATABASE_URL: undefined,
      PACSPACE_PORT: '70000',
      PACSPACE_PUBLIC_URL: 'pacspace.test',
      PACSPACE_SECRET: 'short',
      PACSPACE_WORKERS: '9',
    })
    assert.equal(length, 6)
    assert.deepEqual(refusals({ PACSPACE_PORT: undefined, PACSPACE_UNSAFE: 'maybe' }), [
      'PACSPACE_PORT is not set',
      'PACSPACE_UNSAFE must be true or false',
    ])
  })

  it('A-15 a secret that is short or a sample is refused, and never repeated', () => {
    for (const value of [
      'a'.repeat(31),
      'a'.repeat(40),
      'change-me-change-me-change-me-change-me',
      'hunter2',
    ]) {
      const [line = ''] = refusals({ PACSPACE_SECRET: value })
      assert.match(line, /^PACSPACE_SECRET must/, value)
      assert.ok(!line.includes(value))
    }
  })

  it('a key of another length, or not base64, is refused', () => {
    for (const value of [
      Buffer.alloc(31).toString('base64'),
      '!!!',
      `${Buffer.alloc(32).toString('base64')}x`,
    ]) {
      assert.match(refusals({ PACSPACE_MASTER_KEY: value })[0] ?? '', /32 bytes in base64/, value)
    }
  })

  it('numbers and ports are whole, in their one spelling', () => {
    for (const value of ['-1', '1.5', '0x10', '1e3', ' 80', '65536']) {
      assert.equal(refusals({ PACSPACE_PORT: value }).length, 1, value)
    }
    assert.equal(refusals({ PACSPACE_PORT: '0' }).length, 0)
  })
})
