import assert from 'node:assert/strict'
import { join } from 'node:path'
import { it } from 'node:test'
import { repositoryRoot } from './repository-root.ts'
import { readSettings } from './settings.ts'
import { StartError } from './start-error.ts'

it('nothing set gives a stack on port 3600 with everything in .pacspace', () => {
  const settings = readSettings({})
  assert.equal(settings.basePort, 3600)
  assert.equal(settings.host, '127.0.0.1')
  assert.equal(settings.dataDir, join(repositoryRoot, '.pacspace'))
  assert.deepEqual(settings.databaseUrls, {})
})

it('an empty variable counts as none, and PORT=0 as any free ports', () => {
  assert.equal(readSettings({ PORT: ' ' }).basePort, 3600)
  assert.equal(readSettings({ PORT: '0' }).basePort, undefined)
})

it('both sides of the highest port', () => {
  assert.equal(readSettings({ PORT: '65513' }).basePort, 65513)
  assert.throws(() => readSettings({ PORT: '65514' }), /PORT must be a number of 1–65513/)
})

it('everything wrong is said at once, without repeating a URL, which may hold a password', () => {
  assert.throws(
    () =>
      readSettings({
        PORT: 'x',
        PACSPACE_SANDBOX_DATABASE_URL: 'mysql://u:hunter2@h/d',
        PACSPACE_SMTP_URL: 'nope',
      }),
    (error) => {
      assert.ok(error instanceof StartError)
      for (const name of ['PORT', 'PACSPACE_SANDBOX_DATABASE_URL', 'PACSPACE_SMTP_URL'])
        assert.ok(error.message.includes(name))
      assert.ok(!error.message.includes('hunter2'))
      return true
    },
  )
})

it('two planes never share a database', () => {
  const url = 'postgres://u@h/d'
  assert.throws(
    () => readSettings({ PACSPACE_SANDBOX_DATABASE_URL: url, PACSPACE_PRODUCTION_DATABASE_URL: url }),
    /PACSPACE_PRODUCTION_DATABASE_URL is that of sandbox/,
  )
})

it('of everything else in our own environment only named variables are handed on', () => {
  const settings = readSettings({ AWS_SECRET_ACCESS_KEY: 'x', PATH: '/bin', PACSPACE_LOG_LEVEL: 'debug' })
  assert.deepEqual(settings.passedOn, { PACSPACE_LOG_LEVEL: 'debug' })
})

it('what Node compiles is kept where we were told, else in the data directory', () => {
  const PACSPACE_DATA_DIR = '/data'
  assert.equal(readSettings({ PACSPACE_DATA_DIR }).compileCache, '/data/cache')
  assert.equal(readSettings({ PACSPACE_DATA_DIR, NODE_COMPILE_CACHE: '/kept' }).compileCache, '/kept')
})
