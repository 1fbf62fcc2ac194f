import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { getPlaneTenant } from '@pacspace/api/internal/plane'
import { Problem } from '@pacspace/api/problem'
import { FakeClock } from '@pacspace/testing/fake-clock'
import { testClient } from '@pacspace/testing/test-client'
import { httpMetrics } from './answer-tally.ts'
import { implementer } from './implement.ts'
import { silentLog } from './log.ts'
import { createPrivateServer, createRegistry, type PrivateServer } from './private-server.ts'

const secret = 'f3a9c1d07b5e4826f3a9c1d07b5e4826'
const TENANT = 'tnt_0123456789abcdefghjkmnpqrs'
const implement = implementer<{ readonly isKnown: boolean }>()
const getTenant = implement(getPlaneTenant, async ({ input }, { isKnown }) => {
  if (!isKnown) throw new Problem('NOT_FOUND')
  return { tenantId: input.params.tenantId, status: 'active' as const, reason: null, origin: null }
})

let server: PrivateServer
afterEach(() => server.close())

async function start(check: () => Promise<unknown>, isKnown = true): Promise<string> {
  const registry = createRegistry()
  httpMetrics(registry)('emitDelta', undefined, 3)
  server = await createPrivateServer({
    checks: [{ name: 'database', check }],
    registry,
    log: silentLog,
    clock: new FakeClock(),
    internal: { implementations: [getTenant], context: { isKnown }, secret },
  })
  return (await server.listen({ host: '127.0.0.1', port: 0 })).url
}

describe('probes', () => {
  it('R6 ready while every check passes; live in any case', async () => {
    let isAway = false
    const url = await start(async () => {
      if (isAway) throw new Error('away')
    })
    const ready = await fetch(`${url}/readyz`)
    assert.equal(ready.status, 200)
    assert.match(await ready.text(), /^\{"status":"ready","checks":\[\{"name":"database","ok":true,/)
    isAway = true
    const red = await fetch(`${url}/readyz`)
    assert.equal(red.status, 503)
    assert.match(await red.text(), /"error":"away"/)
    assert.equal((await fetch(`${url}/healthz`)).status, 200)
    isAway = false
    assert.equal((await fetch(`${url}/readyz`)).status, 200)
  })

  it('a check that hangs is red', async (context) => {
    const url = await start(() => new Promise(() => {}))
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const answer = fetch(`${url}/readyz`)
    const red = answer.then(({ status }) => status)
    let status: number | undefined
    red.then((value) => (status = value))
    while (status === undefined) {
      context.mock.timers.tick(2_000)
      await new Promise(setImmediate)
    }
    assert.equal(status, 503)
  })

  it('a process that leaves is not ready', async () => {
    const url = await start(async () => {})
    server.leave()
    assert.equal((await fetch(`${url}/readyz`)).status, 503)
  })

  it('metrics are in the format of Prometheus', async () => {
    const url = await start(async () => {})
    const answer = await fetch(`${url}/metrics`)
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/)
    const text = await answer.text()
    assert.match(text, /pacspace_http_answers_total\{endpoint="emitDelta",code="OK"\} 1/)
    assert.match(text, /pacspace_http_answer_seconds_bucket\{le="0\.005",endpoint="emitDelta"\} 1/)
    assert.match(text, /process_resident_memory_bytes/)
  })
})

describe('the internal API', () => {
  it('answers who knows the secret, and nobody else', async () => {
    const client = testClient(await start(async () => {}))
    const params = { tenantId: TENANT }
    assert.equal((await client.succeed(getPlaneTenant, { params, token: secret })).status, 'active')
    for (const token of ['', 'wrong', `${secret}x`, secret.slice(1)]) {
      await client.refuse(getPlaneTenant, 'INVALID_TOKEN', { params, token })
    }
    await client.refuse(getPlaneTenant, 'INVALID_TOKEN', { params })
  })
})
