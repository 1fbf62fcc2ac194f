import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { problemCodes } from '@pacspace/api/problem'
import { type OpenApiDocument, operationsOf } from './reference-of.ts'

const codes: ReadonlySet<string> = new Set(problemCodes)
const FOLDER = join(import.meta.dirname, '../../../../docs/openapi')
const read = (name: string): OpenApiDocument => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))
const balance = read('balance.json')
const dashboard = read('dashboard.json')

describe('operationsOf', () => {
  test('has every operation of both committed documents, once', () => {
    for (const document of [balance, dashboard]) {
      const committed = Object.values(document.paths).flatMap((methods) =>
        Object.values(methods).map(({ operationId }) => operationId),
      )
      const told = operationsOf(document).map(({ id }) => id)
      assert.deepEqual(told, committed)
      assert.equal(new Set(told).size, told.length)
    }
  })

  test('names only problems that there are, and leaves none out', () => {
    for (const operation of [...operationsOf(balance), ...operationsOf(dashboard)]) {
      for (const { code, status } of operation.problems) {
        assert.ok(codes.has(code), `${operation.id}: ${code}`)
        assert.ok(status >= 400, operation.id)
      }
    }
    const emit = operationsOf(balance).find(({ id }) => id === 'emitDelta') ?? assert.fail()
    assert.ok(emit.problems.some(({ code, status }) => code === 'INSUFFICIENT_CREDITS' && status === 402))
  })

  test('an example has what is required, and a member the way to it', () => {
    const emit = operationsOf(balance).find(({ id }) => id === 'emitDelta') ?? assert.fail()
    assert.deepEqual(emit.example, { customerId: 'customer_001', delta: -250, reason: 'seat charge' })
    assert.deepEqual([emit.method, emit.path, emit.credential], ['POST', '/api/v1/balance/delta', 'apiKey'])
    const customerId = emit.body.find(({ name }) => name === 'customerId') ?? assert.fail()
    assert.equal(customerId.isRequired, true)
    assert.equal(emit.body.find(({ name }) => name === 'metadata')?.isRequired, false)
    const receipt = operationsOf(balance).find(({ id }) => id === 'getReceipt') ?? assert.fail()
    assert.ok(receipt.answer.some(({ name }) => name === 'deltas[].itemHash'))
    assert.ok(!receipt.answer.some(({ name }) => name === 'success'))
  })
})
