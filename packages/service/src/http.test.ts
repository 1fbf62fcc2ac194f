import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { defineEndpoint, type EndpointShape } from '@pacspace/api/endpoint'
import { BalanceAmount, CustomerId, Metadata, Strict, Whole } from '@pacspace/api/field'
import type { KeyId, TenantId, UserId } from '@pacspace/api/id'
import { Problem, type ProblemCode } from '@pacspace/api/problem'
import { Type } from '@pacspace/api/schema'
import { serveInProcess, type TestService } from '@pacspace/testing/harness'
import { type RawAnswer, rawRequest } from '@pacspace/testing/raw-request'
import { pino } from 'pino'
import {
  type ApiKeyPrincipal,
  answer,
  type Implementation,
  implementer,
  type UserPrincipal,
} from './implement.ts'
import { DatabaseUnavailable } from './postgres.ts'

const principal: ApiKeyPrincipal = {
  kind: 'apiKey',
  tenantId: 'tnt_1' as TenantId, // a test's tenant
  tenantNo: 1,
  keyId: 'key_1' as KeyId, // a test's key
  permissions: ['balance:read'],
}
const user: UserPrincipal = {
  kind: 'user',
  userId: 'usr_1' as UserId, // a test's user
  tenantId: principal.tenantId,
  role: 'developer',
  isVerified: false,
  sessionId: 's',
}

const common = { surface: 'balance', auth: { kind: 'apiKey', permission: 'balance:read' } } as const
const Echo = Type.Object({
  customerId: Type.String(),
  amount: BalanceAmount,
  limit: Type.Optional(Type.Integer()),
  metadata: Type.Optional(Metadata),
})

const echo = defineEndpoint({
  ...common,
  id: 'echo',
  method: 'POST',
  path: '/echo/:customerId',
  summary: 'Gives back what it got.',
  params: Strict({ customerId: CustomerId }),
  query: Strict({
    limit: Type.Optional(Whole({ minimum: 1, maximum: 9, default: 5 })),
    deep: Type.Optional(Type.Boolean()),
  }),
  body: Strict({ amount: BalanceAmount, metadata: Type.Optional(Metadata) }),
  idempotent: true,
  success: { status: 201, data: Echo, message: 'Echoed' },
  problems: [],
})
const touch = defineEndpoint({
  ...common,
  id: 'touch',
  method: 'POST',
  path: '/touch',
  summary: 'Needs no body.',
  success: { status: 200, data: Type.Object({ ok: Type.Boolean() }) },
  problems: [],
})
const writeOnly = defineEndpoint({
  ...common,
  id: 'writeOnly',
  auth: { kind: 'apiKey', permission: 'balance:write' },
  method: 'GET',
  path: '/write-only',
  summary: 'Demands a permission.',
  success: { status: 200, data: Type.Object({}) },
  problems: [],
})
const fail = defineEndpoint({
  ...common,
  id: 'fail',
  method: 'GET',
  path: '/fail',
  summary: 'Throws what the test wants.',
  success: { status: 200, data: Type.Object({}) },
  problems: ['RATE_LIMITED', 'CUSTOMER_NOT_FOUND', 'INTERNAL_ERROR'],
})
const admins = defineEndpoint({
  id: 'admins',
  surface: 'dashboard',
  auth: { kind: 'user', role: 'admin', verified: true },
  method: 'POST',
  path: '/admins',
  summary: 'For verified admins.',
  success: { status: 200, data: Type.Object({ role: Type.String() }) },
  problems: [],
})
const bare = defineEndpoint({
  id: 'bare',
  surface: 'dashboard',
  auth: { kind: 'none' },
  method: 'GET',
  path: '/bare',
  summary: 'Answers without the envelope.',
  success: { status: 200, bare: true, data: Type.Object({ id: Type.String() }) },
  problems: [],
})
const text = defineEndpoint({
  id: 'text',
  surface: 'public',
  auth: { kind: 'none' },
  method: 'GET',
  path: '/text',
  summary: 'Answers text to anybody.',
  success: { status: 200, bare: true, data: Type.String(), contentType: 'text/plain; charset=utf-8' },
  problems: [],
})

interface Context {
  thrown: unknown
  role: UserPrincipal['role']
  isVerified: boolean
  /** Holds `touch` until the test opens it. */
  gate: { entered(): void; readonly opened: Promise<void> } | undefined
}
const implement = implementer<Context>()
const lines: string[] = []
const answers: [string, ProblemCode | undefined][] = []
const context: Context = { thrown: undefined, role: 'admin', isVerified: true, gate: undefined }

const implementations: Implementation<Context>[] = [
  implement(echo, async ({ input, request }) => {
    const { amount, metadata } = input.body
    const data = {
      customerId: input.params.customerId,
      amount,
      limit: input.query.limit ?? 0,
      ...(metadata ? { metadata } : {}),
    }
    return request.idempotencyKey === undefined
      ? data
      : answer(data, {
          status: 200,
          headers: { 'Idempotent-Replayed': 'true' },
          message: request.idempotencyKey,
        })
  }),
  implement(touch, async () => {
    context.gate?.entered()
    await context.gate?.opened
    return { ok: true }
  }),
  implement(writeOnly, async () => ({})),
  implement(fail, async () => {
    throw context.thrown
  }),
  implement(admins, async ({ principal }) => ({ role: principal.role })),
  implement(bare, async () => ({ id: 'usr_1' })),
  implement(text, async () => 'hello\n'),
]

function serve(): Promise<TestService> {
  return serveInProcess({
    implementations,
    context,
    environment: 'sandbox',
    ownOrigins: ['https://app.example'],
    log: pino({ level: 'debug' }, { write: (line: string) => lines.push(line) }),
    onAnswer: (endpointId, code) => answers.push([endpointId, code]),
    authenticator: {
      sessionCookie: 'session',
      async apiKey(header, _request, headers) {
        headers.header('RateLimit', 'limit=10')
        if (header !== 'key') throw new Problem('INVALID_API_KEY')
        return principal
      },
      async user(bearer) {
        if (bearer !== 'token') throw new Problem('INVALID_TOKEN')
        return { ...user, role: context.role, isVerified: context.isVerified }
      },
    },
  })
}

let service: TestService
before(async () => {
  service = await serve()
})
after(() => service.close())

const good = { params: { customerId: 'c:1' }, body: { amount: '1.5' }, key: 'key' }
const succeed: TestService['client']['succeed'] = (definition, call) =>
  service.client.succeed(definition, call)
const refuse = (definition: EndpointShape, code: ProblemCode, call = {}) =>
  service.client.refuse(definition, code, call)

describe('success', () => {
  it('the envelope: success, statusCode, data, and the fixed message', async () => {
    const { text, status, message } = await service.client.call(echo, good)
    assert.equal(status, 201)
    assert.equal(message, 'Echoed')
    assert.equal(
      text,
      '{"success":true,"statusCode":201,"data":{"customerId":"c:1","amount":1.5,"limit":5},"message":"Echoed"}',
    )
  })

  it('R18 amounts leave as numbers with all their digits, or as canonical strings when asked', async () => {
    const body = '{"amount":100000000.0000000001}'
    const plain = await service.client.call(echo, { ...good, body })
    assert.match(plain.text, /"amount":100000000\.0000000001,/)
    assert.equal(plain.data.amount, 100_000_000_000_000_000_100n)
    const exact = await service.client.call(echo, { ...good, body, headers: { 'x-amount-format': 'string' } })
    assert.match(exact.text, /"amount":"100000000\.0000000001",/)
  })

  it('a handler may answer with another status, header and message', async () => {
    const { status, headers, message } = await service.client.call(echo, {
      ...good,
      headers: { 'idempotency-key': 'k 1' },
    })
    assert.equal(status, 200)
    assert.equal(headers.get('idempotent-replayed'), 'true')
    assert.equal(message, 'k 1')
  })

  it('a route that needs no body accepts an empty one, with or without Content-Type, and ignores another', async () => {
    const headers = { 'content-type': 'application/json' }
    for (const call of [{}, { headers }, { headers, body: '' }, { body: '{"tenantId":"x"}' }]) {
      assert.deepEqual(await succeed(touch, { ...call, key: 'key' }), { ok: true })
    }
  })

  it('GETs may carry a Content-Type', async () => {
    const call = { headers: { 'content-type': 'application/json' } }
    assert.deepEqual(await succeed(bare, call), { id: 'usr_1' })
  })

  it('bare and text answers have no envelope; public ones may be read by any origin', async () => {
    assert.equal((await service.client.call(bare)).text, '{"id":"usr_1"}')
    const { text: body, headers } = await service.client.call(text, {
      headers: { origin: 'https://elsewhere.example' },
    })
    assert.equal(body, 'hello\n')
    assert.equal(headers.get('access-control-allow-origin'), '*')
  })

  it('K18 every answer carries the security headers and a request id of our own', async () => {
    const { headers } = await service.client.call(echo, { ...good, headers: { 'x-request-id': 'req_mine' } })
    assert.match(headers.get('x-request-id') ?? '', /^req_[0-9a-z]{26}$/)
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.match(headers.get('strict-transport-security') ?? '', /max-age=31536000/)
    assert.equal(headers.get('referrer-policy'), 'no-referrer')
    assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
    assert.equal(headers.get('access-control-allow-origin'), null)
  })

  it('headers that the authenticator sets stand on successes and refusals', async () => {
    assert.equal((await service.client.call(echo, good)).headers.get('ratelimit'), 'limit=10')
    assert.equal(
      (await service.client.call(echo, { ...good, key: 'other' })).headers.get('ratelimit'),
      'limit=10',
    )
  })
})

describe('refusals, in the order in which they are tested', () => {
  // Everything is wrong at once; each step repairs the first fault, so that the next one shows.
  const evil = { origin: 'https://elsewhere.example', 'x-chain-id': '295', 'content-type': 'text/plain' }
  const { origin: _origin, ...noOrigin } = evil
  const { 'x-chain-id': _chain, ...noChain } = noOrigin
  const big = Buffer.alloc(1024 * 1024 + 1, ' ')
  const params = { customerId: 'a b' }
  const ladder: [ProblemCode, EndpointShape, object][] = [
    ['ORIGIN_NOT_ALLOWED', echo, { params, key: 'other', body: big, headers: evil }],
    ['INVALID_API_KEY', echo, { params, key: 'other', body: big, headers: noOrigin }],
    ['CHAIN_MISMATCH', echo, { params, key: 'key', body: big, headers: noOrigin }],
    ['UNSUPPORTED_MEDIA_TYPE', echo, { params, key: 'key', body: big, headers: noChain }],
    ['PAYLOAD_TOO_LARGE', echo, { params, key: 'key', body: big }],
    ['VALIDATION_ERROR', echo, { params, key: 'key', body: '{' }],
  ]
  for (const [code, endpoint, call] of ladder) it(code, async () => void (await refuse(endpoint, code, call)))

  it('an API key from a foreign page, "null" included; our own origin passes', async () => {
    await refuse(echo, 'ORIGIN_NOT_ALLOWED', { ...good, headers: { origin: 'null' } })
    await succeed(echo, { ...good, headers: { origin: 'https://app.example' } })
  })

  it('a missing permission is named', async () => {
    const { message } = await refuse(writeOnly, 'INSUFFICIENT_PERMISSION', { key: 'key' })
    assert.match(message, /balance:write/)
  })

  it('users: token, then role, then e-mail', async () => {
    Object.assign(context, { role: 'developer', isVerified: false })
    await refuse(admins, 'INVALID_TOKEN', {})
    await refuse(admins, 'INVALID_TOKEN', { token: 'wrong' })
    assert.match((await refuse(admins, 'INSUFFICIENT_PERMISSION', { token: 'token' })).message, /role admin/)
    context.role = 'owner'
    await refuse(admins, 'EMAIL_NOT_VERIFIED', { token: 'token' })
    context.isVerified = true
    assert.deepEqual(await succeed(admins, { token: 'token' }), { role: 'owner' })
  })

  it('a session cookie counts only with the CSRF header on writes', async () => {
    const cookie = 'a=b; session=token; c=d'
    await refuse(admins, 'INVALID_TOKEN', { headers: { cookie } })
    await succeed(admins, { headers: { cookie, 'x-pacspace-csrf': '1' } })
  })

  it('X-Chain-Id: the right one passes', async () => {
    await succeed(echo, { ...good, headers: { 'x-chain-id': '296' } })
  })
})

describe('bodies', () => {
  it('content types: JSON in UTF-8, uncompressed', async () => {
    for (const type of [
      'application/json; charset=utf-8',
      'APPLICATION/JSON;charset="UTF-8"',
      'application/json;',
    ]) {
      await succeed(echo, { ...good, headers: { 'content-type': type } })
    }
    for (const type of [
      'application/jsonx',
      'application/json; charset=latin1',
      'text/json',
      ';',
      'multipart/form-data',
    ]) {
      await refuse(echo, 'UNSUPPORTED_MEDIA_TYPE', { ...good, headers: { 'content-type': type } })
    }
    await refuse(echo, 'UNSUPPORTED_MEDIA_TYPE', { ...good, headers: { 'content-encoding': 'gzip' } })
  })

  it('exactly 1 MiB is read; a longer one without Content-Length is refused as well', async () => {
    const padded = Buffer.concat([Buffer.from('{"amount":1}'), Buffer.alloc(1024 * 1024 - 12, ' ')])
    await succeed(echo, { ...good, body: padded })
    const head =
      'POST /echo/c HTTP/1.1\nhost: x\nx-api-key: key\ncontent-type: application/json\ntransfer-encoding: chunked\n\n'
    const chunk = Buffer.concat([
      Buffer.from('100001\r\n'),
      Buffer.alloc(1024 * 1024 + 1, ' '),
      Buffer.from('\r\n0\r\n\r\n'),
    ])
    const raw = await rawRequest(
      service.url,
      Buffer.concat([Buffer.from(head.replaceAll('\n', '\r\n')), chunk]),
    )
    assertEnvelope(raw, 413, 'PAYLOAD_TOO_LARGE')
  })

  it('R32 bodies are held in bounded memory: beyond it 503 at once, and all is given back', async () => {
    let opened = () => {}
    let entered = 0
    const gated = {
      ...context,
      gate: {
        entered: () => entered++,
        opened: new Promise<void>((resolve) => {
          opened = resolve
        }),
      },
    }
    const takesBody = defineEndpoint({
      ...touch,
      id: 'takesBody',
      path: '/takes-body',
      body: Strict({ note: Type.String() }),
    })
    await using small = await serveInProcess<Context>({
      implementations: [
        implement(takesBody, async (_call, { gate }) => {
          gate?.entered()
          await gate?.opened
          return { ok: true }
        }),
      ],
      context: gated,
      bodiesBytesMax: 10_000,
      authenticator: { apiKey: async () => principal },
    })
    const send = (bytes: number) =>
      small.client.call(takesBody, { key: 'key', body: { note: 'x'.repeat(bytes) } })
    const held = Array.from({ length: 3 }, () => send(3_000))
    while (entered < 3) await new Promise(setImmediate)
    const refused = await Promise.all(Array.from({ length: 20 }, () => send(2_000)))
    for (const { problem, headers } of refused) {
      assert.equal(problem?.code, 'SERVICE_UNAVAILABLE')
      assert.equal(headers.get('retry-after'), '1')
    }
    assert.equal(entered, 3)
    opened()
    for (const { status } of await Promise.all(held)) assert.equal(status, 200)
    for (let times = 0; times < 5; times++) assert.equal((await send(9_000)).status, 200)
  })

  it('a body that ends before its Content-Length is never handled', async () => {
    const before = answers.length
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1')
    socket.end(
      'POST /echo/c HTTP/1.1\r\nhost: x\r\nx-api-key: key\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"amount":1}',
    )
    socket.resume()
    await once(socket, 'close')
    assert.deepEqual(
      answers.slice(before).filter(([, code]) => code === undefined),
      answers.slice(before),
    )
    await succeed(echo, good)
  })
})

describe('parameters', () => {
  it('path segments arrive percent-encoded', async () => {
    const { customerId } = await succeed(echo, { ...good, params: { customerId: 'a:b.c-d_e' } })
    assert.equal(customerId, 'a:b.c-d_e')
  })

  it('what the schema does not allow is a 400: spellings, repeats, unknown names, bad encodings', async () => {
    for (const query of [
      'limit=0x5',
      'limit=1e0',
      'limit=%205',
      'limit=10',
      'limit=',
      'deep=1',
      'deep=TRUE',
      'limit=1&limit=2',
      'x=1',
      '__proto__=1',
      'limit=%ff',
      'limit=%00',
    ]) {
      const raw = await get(`/echo/c?${query}`, '{"amount":1}')
      assertEnvelope(raw, 400, 'VALIDATION_ERROR')
    }
    assert.equal((await get('/echo/c?limit=9&deep=true&&', '{"amount":1}')).status, 201)
  })

  it('a path that is not UTF-8 is a 400, an over-long segment a 404', async () => {
    assertEnvelope(await get('/echo/%ff', '{"amount":1}'), 400, 'VALIDATION_ERROR')
    assertEnvelope(await get('/echo/%00', '{"amount":1}'), 400, 'VALIDATION_ERROR')
    assertEnvelope(await get(`/echo/${'a'.repeat(2_000)}`, '{"amount":1}'), 404, 'NOT_FOUND')
  })

  it('Idempotency-Key: 1–255 printable ASCII characters on idempotent endpoints, ignored elsewhere', async () => {
    for (const key of ['x'.repeat(255), '~ !'])
      await succeed(echo, { ...good, headers: { 'idempotency-key': key } })
    for (const key of ['', 'x'.repeat(256), 'é', 'a\tb']) {
      await refuse(echo, 'VALIDATION_ERROR', { ...good, headers: { 'idempotency-key': key } })
    }
    await succeed(touch, { key: 'key', headers: { 'idempotency-key': 'é' } })
  })
})

describe('K16 errors have one shape and say nothing about the inside', () => {
  it('unknown routes and wrong methods are 404, with any body', async () => {
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/echo'],
      ['PUT', '/echo/c'],
      ['DELETE', '/touch'],
      ['OPTIONS', '/echo/c'],
    ]) {
      assertEnvelope(
        await rawRequest(service.url, `${method} ${path} HTTP/1.1\nhost: x\n\n`),
        404,
        'NOT_FOUND',
      )
    }
    const raw = await rawRequest(
      service.url,
      'POST /nothing HTTP/1.1\nhost: x\ncontent-type: text/x\ncontent-length: 1\n\nx',
    )
    assertEnvelope(raw, 404, 'NOT_FOUND')
  })

  it('a problem keeps its text and details; 429 and 503 say when to come back', async () => {
    context.thrown = new Problem('CUSTOMER_NOT_FOUND', { internal: 'row 7' })
    assert.equal((await refuse(fail, 'CUSTOMER_NOT_FOUND', { key: 'key' })).retryAfterSeconds, undefined)
    context.thrown = new Problem('RATE_LIMITED', { retryAfterSeconds: 17 })
    assert.equal((await refuse(fail, 'RATE_LIMITED', { key: 'key' })).retryAfterSeconds, 17)
  })

  it('a database that is away is a 503 with Retry-After', async () => {
    context.thrown = new DatabaseUnavailable('connect ECONNREFUSED 10.0.0.7:5432')
    const { message, retryAfterSeconds } = await refuse(fail, 'SERVICE_UNAVAILABLE', { key: 'key' })
    assert.equal(retryAfterSeconds, 1)
    assert.doesNotMatch(message, /10\.0\.0\.7/)
  })

  it('anything else is a 500 whose cause is in the log, under the request id, and nowhere in the answer', async () => {
    for (const thrown of [new Error('SELECT secret FROM vault'), 'a string', undefined]) {
      context.thrown = thrown
      lines.length = 0
      const { text: body, problem } = await service.client.call(fail, { key: 'key' })
      assert.equal(problem?.code, 'INTERNAL_ERROR')
      assert.doesNotMatch(body, /vault|stack|at .*\.ts/)
      const line = lines.map((item) => JSON.parse(item)).find((item) => item.code === 'INTERNAL_ERROR')
      assert.equal(line?.requestId, problem?.requestId)
      if (thrown instanceof Error) assert.equal(line?.err?.message, thrown.message)
    }
  })

  it('what is not even HTTP gets the same shape', async () => {
    for (const request of [
      'BLAH\n\n',
      `GET / HTTP/1.1\nhost: x\nx: ${'y'.repeat(20_000)}\n\n`,
      'GET / HTTP/1.1\nhost: x\ncontent-length: -1\n\n',
    ]) {
      assertEnvelope(await rawRequest(service.url, request), 400, 'VALIDATION_ERROR')
    }
  })

  it('metrics are told of every answer', async () => {
    answers.length = 0
    await succeed(bare)
    await refuse(echo, 'INVALID_API_KEY')
    assert.deepEqual(answers, [
      ['bare', undefined],
      ['echo', 'INVALID_API_KEY'],
    ])
  })
})

describe('R4 closing', () => {
  it('a request in flight finishes, a new one on a kept connection gets 503 and its connection closed', async () => {
    const closing = await serve()
    const entered = Promise.withResolvers<void>()
    const opened = Promise.withResolvers<void>()
    context.gate = { entered: entered.resolve, opened: opened.promise }
    const busy = await connectTo(closing)
    const idle = await connectTo(closing)
    let received = ''
    busy.setEncoding('utf8').on('data', (data: string) => {
      received += data
    })
    const request = 'POST /touch HTTP/1.1\r\nhost: x\r\nx-api-key: key\r\n\r\n'
    busy.write(request)
    await entered.promise
    const closed = closing.close()
    await once(idle, 'close')
    // The second request arrives on the same connection while the first still runs.
    busy.write(request)
    opened.resolve()
    await Promise.all([closed, once(busy, 'close')])
    context.gate = undefined
    const [first = '', second = ''] = received.split(/(?=HTTP\/1\.1 503)/)
    assert.match(first, /^HTTP\/1\.1 200 OK/)
    assert.match(first, /"ok":true/)
    assert.match(second, /connection: close/i)
    assert.match(second, /"code":"SERVICE_UNAVAILABLE"/)
  })
})

async function connectTo({ url }: TestService): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {}) // a reset is as good as an end
  await once(socket, 'connect')
  return socket
}

function get(path: string, body: string): Promise<RawAnswer> {
  return rawRequest(
    service.url,
    `POST ${path} HTTP/1.1\nhost: x\nx-api-key: key\ncontent-type: application/json\ncontent-length: ${body.length}\n\n${body}`,
  )
}

function assertEnvelope(raw: RawAnswer, status: number, code: ProblemCode): void {
  assert.equal(raw.status, status, raw.body)
  const body = JSON.parse(raw.body)
  assert.equal(body.code, code, raw.body)
  assert.equal(body.statusCode, status)
  assert.equal(body.requestId, raw.headers['x-request-id'])
  assert.equal(raw.headers['x-content-type-options'], 'nosniff')
}
