import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readableLine } from './terminal.ts'

it('lines below warning stay in the file', () => {
  assert.equal(readableLine('x', '{"level":"info","msg":"ready"}'), undefined)
  assert.equal(readableLine('x', '{"level":30,"msg":"\\"level\\":\\"error\\" is only quoted"}'), undefined)
  assert.equal(readableLine('x', '  '), undefined)
})

it('a warning is one readable line with its cause and request', () => {
  const line =
    '{"level":"error","err":{"message":"connection refused"},"requestId":"req_1","msg":"request failed"}'
  assert.equal(
    readableLine('sandbox-api', line),
    'sandbox-api: error: request failed, connection refused, req_1',
  )
  assert.equal(readableLine('x', '{"level":50,"msg":"broke"}'), 'x: error: broke')
})

it('a wrong configuration names every variable', () => {
  const line =
    '{"level":"fatal","refusals":["A is not set","B must be a number"],"msg":"wrong configuration"}'
  assert.equal(readableLine('x', line), 'x: fatal: wrong configuration, A is not set, B must be a number')
})

it('the frames of a stack stay in the file', () => {
  assert.equal(readableLine('x', '    at foo (bar.ts:1:2)'), undefined)
})

it('what else is no JSON is shown as it is', () => {
  assert.equal(readableLine('x', 'Error: it broke'), 'x: Error: it broke')
  assert.equal(readableLine('x', '{"level":"error", cut'), 'x: {"level":"error", cut')
})
