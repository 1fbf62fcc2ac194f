import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { systemClock } from '@pacspace/service/clock'
import type { HttpService } from '@pacspace/service/http'
import { silentLog } from '@pacspace/service/log'
import { createGateway, type GatewayOptions } from './gateway.ts'
import { answerJson, startRawUpstream, startUpstream, type Upstream } from './testing/upstream.ts'

const liveKey = 'pk_live_abcdefghijklmnop.secret'
const testKey = 'pk_test_abcdefghijklmnop.secret'

describe('gateway', () => {
  let control: Upstream
  let sandbox: Upstream
  let production: Upstream
  let gateway: HttpService
  let baseUrl: string

  const serve = async (options: Partial<GatewayOptions> = {}) => {
    gateway = await createGateway({
      publicUrl: 'http://pacspace.test',
      controlUrl: control.url,
      planeUrls: { sandbox: sandbox.url, production: production.url },
      readyUrls: new Map(),
      mailboxDir: undefined,
      log: silentLog,
      clock: systemClock,
      ...options,
    })
    baseUrl = (await gateway.listen({ host: '127.0.0.1', port: 0 })).url
  }
  const named = (name: string) =>
    startUpstream((request, response) => {
      if (request.url?.includes('unknown')) answerJson(response, 404, { code: 'NOT_FOUND', from: name })
      else answerJson(response, 200, { from: name })
    })

  beforeEach(async () => {
    ;[control, sandbox, production] = await Promise.all([
      named('control'),
      named('sandbox'),
      named('production'),
    ])
    await serve()
  })
  afterEach(async () => {
    await gateway.close()
    await Promise.all([control.kill(), sandbox.kill(), production.kill()])
  })

  const get = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${baseUrl}${path}`, { headers })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, text, json: () => JSON.parse(text) }
  }

  describe('who answers', () => {
    it('the control plane answers /dashboard/*, whatever key is sent along', async () => {
      assert.equal((await get('/dashboard/auth/me', { 'x-api-key': liveKey })).json().from, 'control')
    })

    it('the control plane gets the events of Stripe, byte for byte, with their signature', async () => {
      const body = '{ "id":"evt_1",\n "x":"ä" }'
      const headers = { 'content-type': 'application/json', 'stripe-signature': 't=1,v1=ab' }
      const answer = await fetch(`${baseUrl}/stripe/webhook`, { method: 'POST', headers, body })
      assert.equal(answer.status, 200)
      const [seen] = control.requests
      assert.deepEqual([seen?.body, seen?.headers['stripe-signature']], [body, 't=1,v1=ab'])
      assert.equal((await get('/stripe/webhook')).status, 404)
    })

    it('the plane of the key prefix answers /api/v1/*', async () => {
      assert.equal((await get('/api/v1/balance/usage', { 'x-api-key': testKey })).json().from, 'sandbox')
      assert.equal((await get('/api/v1/balance/usage', { 'x-api-key': liveKey })).json().from, 'production')
      assert.deepEqual([sandbox.requests.length, production.requests.length], [1, 1])
    })

    for (const key of [undefined, '', 'nonsense', 'pk_prod_abc.def', 'PK_LIVE_abc.def']) {
      it(`a key ${JSON.stringify(key)} is refused with the envelope of every service, and nobody is asked`, async () => {
        const answer = await get('/api/v1/balance/usage', key === undefined ? {} : { 'x-api-key': key })
        const { requestId, ...body } = answer.json()
        assert.equal(answer.status, 401)
        assert.deepEqual(body, {
          success: false,
          statusCode: 401,
          error: 'Unauthorized',
          code: 'INVALID_API_KEY',
          message: 'Invalid API key',
          docs: 'https://docs.pacspace.io/problems/INVALID_API_KEY',
        })
        assert.match(requestId, /^req_[0-9a-z]{26}$/)
        assert.equal(answer.headers.get('x-request-id'), requestId)
        assert.equal(answer.headers.get('cache-control'), 'no-store')
        assert.equal(sandbox.requests.length + production.requests.length, 0)
      })
    }

    it('a path that nobody serves is a 404 envelope', async () => {
      const answer = await get('/nowhere')
      assert.deepEqual([answer.status, answer.json().code], [404, 'NOT_FOUND'])
    })
  })

  describe('public logs and public verify', () => {
    for (const path of ['/log/abc/checkpoint', '/api/v1/verify/0xabc']) {
      it(`Production answers ${path} first, and Sandbox is not asked`, async () => {
        assert.equal((await get(path)).json().from, 'production')
        assert.equal(sandbox.requests.length, 0)
      })
    }

    it('Sandbox answers what Production does not know, with nothing of the first answer left', async () => {
      await production.kill()
      production = await startUpstream((_request, response) => {
        response.setHeader('x-only-production', '1')
        answerJson(response, 404, { from: 'production' }, 'req_production')
      })
      await gateway.close()
      await serve()
      const answer = await get('/log/abc/key?x=1')
      assert.equal(answer.json().from, 'sandbox')
      assert.equal(answer.headers.get('x-request-id'), 'req_upstream')
      assert.equal(answer.headers.get('x-only-production'), null)
      assert.equal(production.requests[0]?.url, '/log/abc/key?x=1')
      assert.equal(sandbox.requests[0]?.url, '/log/abc/key?x=1')
    })

    it('unknown in both is the 404 of the last', async () => {
      const answer = await get('/log/unknown/key')
      assert.deepEqual([answer.status, answer.json().from], [404, 'sandbox'])
      assert.equal(answer.headers.get('access-control-allow-origin'), '*')
    })

    it('X-Chain-Id decides: the other plane is not asked, even for a 404', async () => {
      assert.equal((await get('/log/abc/key', { 'x-chain-id': '296' })).json().from, 'sandbox')
      assert.equal((await get('/log/unknown/key', { 'x-chain-id': '295' })).json().from, 'production')
      assert.deepEqual([sandbox.requests.length, production.requests.length], [1, 1])
    })

    it('a log that was found in a plane is asked for there alone from then on, also what it has not', async () => {
      await production.kill()
      production = await startUpstream((_request, response) =>
        answerJson(response, 404, { from: 'production' }),
      )
      await gateway.close()
      await serve()
      await fetch(`${baseUrl}/log/abc/key`, { method: 'OPTIONS' })
      assert.equal((await get('/log/abc/key')).json().from, 'sandbox')
      assert.equal((await get('/log/abc/tile/unknown')).json().from, 'sandbox')
      assert.equal((await get('/log/abc/checkpoint')).json().from, 'sandbox')
      assert.equal(production.requests.length, 2)
      assert.equal((await get('/log/abcd/key')).json().from, 'sandbox')
      assert.equal((await get('/log/abc/key', { 'x-chain-id': '295' })).json().from, 'production')
      assert.equal(production.requests.length, 4)
      await production.kill()
      assert.equal((await get('/log/abc/tile/unknown')).status, 404)
    })

    it('a chain id of neither environment is refused', async () => {
      const answer = await get('/log/abc/key', { 'x-chain-id': '1' })
      assert.deepEqual([answer.status, answer.json().code], [400, 'VALIDATION_ERROR'])
    })

    it('a key sent along to verify decides', async () => {
      assert.equal((await get('/api/v1/verify/0xabc', { 'x-api-key': testKey })).json().from, 'sandbox')
    })

    it('Sandbox still answers while Production is away', async () => {
      await production.kill()
      assert.equal((await get('/log/abc/key')).json().from, 'sandbox')
    })

    it('a 404 of one plane proves nothing while the other is away: 503', async () => {
      await production.kill()
      const answer = await get('/log/unknown/key')
      assert.deepEqual([answer.status, answer.json().code], [503, 'SERVICE_UNAVAILABLE'])
    })
  })

  describe('what passes through', () => {
    it('method, path, query and body arrive as they were sent', async () => {
      const body = JSON.stringify({ delta: 0.1, reason: 'ä' })
      await fetch(`${baseUrl}/api/v1/balance/delta%2Fx?a=1&b=../c&b=%20`, {
        method: 'POST',
        headers: { 'x-api-key': testKey, 'content-type': 'application/json', 'idempotency-key': 'k 1' },
        body,
      })
      const [seen] = sandbox.requests
      assert.equal(seen?.method, 'POST')
      assert.equal(seen?.url, '/api/v1/balance/delta%2Fx?a=1&b=../c&b=%20')
      assert.equal(seen?.body, body)
      assert.equal(seen?.headers['content-length'], String(Buffer.byteLength(body)))
      assert.equal(seen?.headers['idempotency-key'], 'k 1')
      assert.equal(seen?.headers['x-api-key'], testKey)
    })

    it('a body of unknown length is streamed', async () => {
      const answer = await fetch(`${baseUrl}/dashboard/x`, {
        method: 'POST',
        duplex: 'half',
        body: Readable.toWeb(
          Readable.from(['{"a":', '1}'].map((part) => Buffer.from(part))),
        ) as ReadableStream,
      })
      assert.equal(answer.status, 200)
      assert.equal(control.requests[0]?.body, '{"a":1}')
    })

    it('a POST without a body and a GET or DELETE with Content-Type arrive without a body', async () => {
      await fetch(`${baseUrl}/dashboard/a`, { method: 'POST' })
      await fetch(`${baseUrl}/dashboard/b`, {
        method: 'DELETE',
        headers: { 'content-type': 'application/json' },
      })
      await fetch(`${baseUrl}/dashboard/c`, { headers: { 'content-type': 'application/json' } })
      assert.deepEqual(
        control.requests.map(({ method, body, headers }) => [method, body, headers['transfer-encoding']]),
        [
          ['POST', '', undefined],
          ['DELETE', '', undefined],
          ['GET', '', undefined],
        ],
      )
    })

    it('a body that curl announces with Expect: 100-continue arrives', async () => {
      const body = 'x'.repeat(200_000)
      const status = await new Promise((resolve, reject) => {
        const request = httpRequest(`${baseUrl}/dashboard/x`, {
          method: 'POST',
          headers: { expect: '100-continue', 'content-length': body.length },
        })
        request.once('continue', () => request.end(body))
        request.once('response', (response) => resolve(response.resume().statusCode))
        request.once('error', reject)
        request.flushHeaders()
      })
      assert.equal(status, 200)
      assert.equal(control.requests[0]?.body.length, body.length)
    })

    it('a refusal that the service sends before it has read a large body reaches the client', async () => {
      await using early = await startRawUpstream((_request, response) =>
        answerJson(response, 413, { code: 'PAYLOAD_TOO_LARGE' }),
      )
      await gateway.close()
      await serve({ controlUrl: early.url })
      const answer = await fetch(`${baseUrl}/dashboard/x`, { method: 'POST', body: Buffer.alloc(4 << 20) })
      assert.deepEqual(
        [answer.status, ((await answer.json()) as { code: string }).code],
        [413, 'PAYLOAD_TOO_LARGE'],
      )
    })

    it("status, body and headers of the answer are the service's, its X-Request-Id too", async () => {
      const answer = await get('/dashboard/unknown', { 'x-request-id': 'req_forged' })
      assert.equal(answer.status, 404)
      assert.equal(answer.text, '{"code":"NOT_FOUND","from":"control"}')
      assert.equal(answer.headers.get('x-request-id'), 'req_upstream')
      assert.equal(control.requests[0]?.headers['x-request-id'], undefined)
    })

    it('a streamed answer arrives while the service is still writing', async () => {
      let finish = () => {}
      await using streaming = await startUpstream((_request, response) => {
        response.write('first\n')
        finish = () => response.end('last\n')
      })
      await gateway.close()
      await serve({ controlUrl: streaming.url })
      const answer = await fetch(`${baseUrl}/dashboard/stream`)
      const parts: string[] = []
      for await (const part of (answer.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
        parts.push(part)
        if (parts.length === 1) finish()
      }
      assert.deepEqual(parts, ['first\n', 'last\n'])
    })

    it('hop-by-hop headers end here, in both directions', async () => {
      await using hopping = await startUpstream((_request, response) => {
        response.setHeader('connection', 'close, x-hop-answer')
        response.setHeader('x-hop-answer', '1')
        response.setHeader('proxy-authenticate', 'Basic')
        answerJson(response, 200, {})
      })
      await gateway.close()
      await serve({ controlUrl: hopping.url })
      const headers = await new Promise<Record<string, unknown>>((resolve, reject) => {
        const request = httpRequest(`${baseUrl}/dashboard/x`, {
          headers: {
            connection: 'keep-alive, x-hop',
            'x-hop': '1',
            te: 'trailers',
            'proxy-authorization': 'x',
          },
        })
        request.once('response', (response) => resolve(response.resume().headers))
        request.once('error', reject)
        request.end()
      })
      const seen = hopping.requests[0]?.headers
      for (const name of ['x-hop', 'te', 'proxy-authorization']) assert.equal(seen?.[name], undefined, name)
      for (const name of ['x-hop-answer', 'proxy-authenticate']) assert.equal(headers[name], undefined, name)
    })

    it('K15 the client cannot say who it is: X-Forwarded-For is ours, Host is the service', async () => {
      await get('/dashboard/x', {
        'x-forwarded-for': '6.6.6.6',
        'x-real-ip': '6.6.6.6',
        'x-forwarded-host': 'evil.test',
        forwarded: 'for=6.6.6.6',
      })
      const seen = control.requests[0]?.headers
      assert.equal(seen?.['x-forwarded-for'], '127.0.0.1')
      assert.equal(seen?.['x-forwarded-proto'], 'http')
      assert.equal(seen?.host, new URL(control.url).host)
      for (const name of ['x-real-ip', 'x-forwarded-host', 'forwarded'])
        assert.equal(seen?.[name], undefined, name)
    })

    it('K15 a configured proxy in front is believed', async () => {
      await gateway.close()
      await serve({ trustedProxies: ['127.0.0.1'] })
      await get('/dashboard/x', { 'x-forwarded-for': '6.6.6.6, 203.0.113.7' })
      assert.equal(control.requests[0]?.headers['x-forwarded-for'], '203.0.113.7')
    })

    it('a request line that names another host goes to our service all the same', async () => {
      const status = await new Promise((resolve, reject) => {
        const { hostname, port } = new URL(baseUrl)
        const request = httpRequest({ hostname, port, path: 'http://evil.test/dashboard/x?y=1' })
        request.once('response', (response) => resolve(response.resume().statusCode))
        request.once('error', reject)
        request.end()
      })
      assert.equal(status, 200)
      assert.equal(control.requests[0]?.url, '/dashboard/x?y=1')
    })

    for (const path of ['/dashboard/%2e%2e/api', '/dashboard/..%2fapi', '/dashboard/%zz']) {
      it(`the path ${path} is refused and not forwarded`, async () => {
        const status = await new Promise((resolve, reject) => {
          const { hostname, port } = new URL(baseUrl)
          const request = httpRequest({ hostname, port, path })
          request.once('response', (response) => resolve(response.resume().statusCode))
          request.once('error', reject)
          request.end()
        })
        assert.equal(status, 400)
        assert.equal(control.requests.length, 0)
      })
    }
  })

  describe('a service that is away', () => {
    it('is a 503 envelope with Retry-After, and a restart of it is found without our own', async () => {
      const { port } = sandbox
      await sandbox.kill()
      const refused = await get('/api/v1/balance/usage', { 'x-api-key': testKey })
      assert.deepEqual([refused.status, refused.json().code], [503, 'SERVICE_UNAVAILABLE'])
      assert.equal(refused.headers.get('retry-after'), '1')
      assert.equal(refused.json().retryAfterSeconds, 1)
      assert.equal((await get('/api/v1/balance/usage', { 'x-api-key': liveKey })).status, 200)

      sandbox = await startUpstream(
        (_request, response) => answerJson(response, 200, { from: 'sandbox' }),
        port,
      )
      assert.equal((await get('/api/v1/balance/usage', { 'x-api-key': testKey })).status, 200)
    })

    it('killed with 50 requests in flight refuses each with 503, and wedges nothing', async () => {
      const silent = await startUpstream(() => {})
      await gateway.close()
      await serve({ controlUrl: silent.url })
      const answers = Array.from({ length: 50 }, () =>
        fetch(`${baseUrl}/dashboard/x`, { method: 'POST', body: '{}' }),
      )
      while (silent.requests.length < 50) await new Promise(setImmediate)
      await silent.kill()
      for (const answer of await Promise.all(answers)) assert.equal(answer.status, 503)
      assert.equal((await get('/api/v1/x', { 'x-api-key': liveKey })).status, 200)
    })

    it('killed in the middle of an answer breaks that answer off: nobody takes half for whole', async () => {
      const dying = await startUpstream((_request, response) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('half')
      })
      await gateway.close()
      await serve({ controlUrl: dying.url })
      const answer = await fetch(`${baseUrl}/dashboard/x`)
      await dying.kill()
      await assert.rejects(answer.text())
      assert.equal((await get('/api/v1/x', { 'x-api-key': liveKey })).status, 200)
    })

    it('a 503 of the service itself is passed on once, not asked again', async () => {
      await using busy = await startUpstream((_request, response) => {
        response.setHeader('retry-after', '7')
        answerJson(response, 503, { code: 'CLOCK_UNSURE' })
      })
      await gateway.close()
      await serve({ controlUrl: busy.url })
      const answer = await get('/dashboard/x')
      assert.deepEqual(
        [answer.status, answer.json().code, answer.headers.get('retry-after')],
        [503, 'CLOCK_UNSURE', '7'],
      )
      assert.equal(busy.requests.length, 1)
    })

    it('a write is never sent twice, whatever became of the first', async () => {
      let seen = 0
      await using cutting = await startUpstream((request) => {
        seen++
        request.socket.destroy()
      })
      await gateway.close()
      await serve({ controlUrl: cutting.url })
      const answer = await fetch(`${baseUrl}/dashboard/x`, { method: 'POST', body: '{}' })
      assert.deepEqual([answer.status, seen], [503, 1])
    })
  })

  describe('/readyz', () => {
    it('is 200 when every process is ready', async () => {
      await gateway.close()
      await serve({ readyUrls: new Map([['sandbox-api', `${sandbox.url}/readyz`]]) })
      const answer = await get('/readyz')
      assert.deepEqual([answer.status, answer.json()], [200, { ready: true }])
    })

    it('is 503 and names what answers otherwise, or not at all', async () => {
      await production.kill()
      const readyUrls = new Map([
        ['control-plane', `${control.url}/readyz`],
        ['sandbox-worker', `${sandbox.url}/unknown`],
        ['production-api', `${production.url}/readyz`],
      ])
      await gateway.close()
      await serve({ readyUrls })
      const answer = await get('/readyz')
      assert.equal(answer.status, 503)
      assert.equal(answer.headers.get('retry-after'), '1')
      assert.deepEqual(answer.json(), { ready: false, notReady: ['sandbox-worker', 'production-api'] })
    })
  })

  describe('/dev/mailbox', () => {
    let folder: string
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'gateway-mailbox-'))
      for (const [i, to] of ['a@example.com', 'b@example.com', 'a@example.com'].entries()) {
        const mail = {
          to,
          subject: `mail ${i}`,
          text: '',
          links: [],
          createdAt: `2026-01-01T00:00:0${9 - i}.000Z`,
        }
        await writeFile(join(folder, `${9 - i}.json`), JSON.stringify(mail))
      }
    })
    after(() => rm(folder, { recursive: true }))

    const subjects = (answer: { json(): { subject: string }[] }) =>
      answer.json().map(({ subject }) => subject)

    it('answers the mails to an address, newest last, whatever its case', async () => {
      await gateway.close()
      await serve({ mailboxDir: folder })
      assert.deepEqual(subjects(await get('/dev/mailbox?to=A@Example.com')), ['mail 2', 'mail 0'])
      assert.deepEqual(subjects(await get('/dev/mailbox?to=nobody@example.com')), [])
      assert.deepEqual(subjects(await get('/dev/mailbox')), ['mail 2', 'mail 1', 'mail 0'])
    })

    it('does not exist where mails are really sent', async () => {
      assert.equal((await get('/dev/mailbox?to=a@example.com')).status, 404)
    })
  })

  it('the front page says what this is and has no active content', async () => {
    const answer = await get('/')
    assert.equal(answer.status, 200)
    assert.match(answer.headers.get('content-type') ?? '', /^text\/html/)
    assert.match(answer.text, /http:\/\/pacspace\.test\/api\/v1/)
    assert.match(answer.headers.get('content-security-policy') ?? '', /default-src 'none'/)
  })
})
