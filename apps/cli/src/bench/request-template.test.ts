import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoadPlan } from './load.ts'
import { RequestTemplate } from './request-template.ts'

const plan: LoadPlan = {
  host: '127.0.0.1',
  port: 3601,
  connections: 1,
  seconds: 1,
  requestsMax: 0,
  deltasPerRequest: 1,
  keys: [],
  customers: 3,
  requestsPerSecond: 0,
  hasMetadata: true,
}

/** Head and parsed body of a request. */
function read(request: Buffer): { head: string; body: { deltas?: object[] } & Record<string, unknown> } {
  const [head = '', body = ''] = request.toString('latin1').split('\r\n\r\n')
  assert.equal(Number(/Content-Length: (\d+)/.exec(head)?.[1]), body.length)
  return { head, body: JSON.parse(body) }
}

test('each request has a key and a reference of its own, and customers come in turn', () => {
  const template = new RequestTemplate(plan, 'pk_test_x.y')
  const requests = Array.from({ length: 100 }, () => read(template.next()))
  const keys = requests.map(({ head }) => /Idempotency-Key: (bench-\d{5}-\d{15})\r\n/.exec(head)?.[1])
  assert.equal(new Set(keys).size, 100)
  const references = requests.map(({ body }) => String(body.referenceId))
  assert.equal(new Set(references).size, 100)
  assert.ok(references.every((reference) => reference.length === 20))
  assert.deepEqual(
    new Set(requests.map(({ body }) => body.customerId)),
    new Set(['cust_000000', 'cust_000001', 'cust_000002']),
  )
  assert.equal(JSON.stringify(requests[0]?.body.metadata).length, 40)
  assert.match(
    requests[0]?.head ?? '',
    /^POST \/api\/v1\/balance\/delta HTTP\/1\.1\r\nHost: 127\.0\.0\.1:3601\r\n/,
  )
})

test('a batch holds as many different deltas as asked, without metadata if asked', () => {
  const template = new RequestTemplate(
    { ...plan, deltasPerRequest: 1_000, hasMetadata: false },
    'pk_test_x.y',
  )
  const first = read(template.next())
  const second = read(template.next())
  assert.match(first.head, /^POST \/api\/v1\/balance\/delta\/batch HTTP/)
  const all = [...(first.body.deltas ?? []), ...(second.body.deltas ?? [])]
  assert.equal(new Set(all.map((delta) => JSON.stringify(delta))).size, 2_000)
  assert.deepEqual(Object.keys(all[0] ?? {}), ['customerId', 'delta', 'reason', 'referenceId'])
})
