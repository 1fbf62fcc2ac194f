import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { curlOf } from './curl-of.ts'
import type { Operation } from './reference-of.ts'

const operation: Operation = {
  id: 'x',
  method: 'GET',
  path: '/api/v1/balance/derive/{customerId}',
  group: 'balance',
  summary: '',
  description: '',
  credential: 'apiKey',
  parameters: [
    { name: 'period', place: 'query', type: 'string', isRequired: true, description: '' },
    { name: 'limit', place: 'query', type: 'integer', isRequired: false, description: '' },
  ],
  body: [],
  status: 200,
  answer: [],
  contentTypes: [],
  problems: [],
}
const place = { baseUrl: 'https://x.example', key: 'pk_test_a.b', token: 'TOKEN' }

describe('curlOf', () => {
  test('a reading call has its key and what it requires', () => {
    assert.equal(
      curlOf(operation, place),
      "curl 'https://x.example/api/v1/balance/derive/customer_001?period=PERIOD' \\\n  -H 'X-Api-Key: pk_test_a.b'",
    )
  })

  test('a writing call has its body, which no apostrophe breaks out of', () => {
    const text = curlOf(
      {
        ...operation,
        method: 'POST',
        path: '/dashboard/x',
        credential: 'bearer',
        parameters: [],
        example: { a: "it's" },
      },
      place,
    )
    assert.equal(
      text,
      `curl 'https://x.example/dashboard/x' \\\n  -X POST \\\n  -H 'Authorization: Bearer TOKEN' \\\n  -H 'Content-Type: application/json' \\\n  -d '{"a":"it'\\''s"}'`,
    )
  })

  test('a route open to anybody carries no credential', () => {
    assert.ok(!curlOf({ ...operation, credential: 'none' }, place).includes('-H'))
  })
})
