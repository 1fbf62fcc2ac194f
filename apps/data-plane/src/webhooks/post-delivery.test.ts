import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { receiverCertificate, receiverKey } from '../testing/receiver-certificate.ts'
import { answering, type Respond, startReceiver, type WebhookReceiver } from '../testing/webhook-receiver.ts'
import { guardedAgent } from './guarded-agent.ts'
import { ANSWER_BYTES_MAX, ATTEMPT_MS_MAX, excerptOf, postDelivery } from './post-delivery.ts'
import { parseAllowList, type Resolve, systemResolve } from './target-rules.ts'

const SHORT_MS = 400

let receiver: WebhookReceiver
before(async () => {
  receiver = await startReceiver()
})
after(() => receiver[Symbol.asyncDispose]())

interface Options {
  readonly allow?: readonly string[]
  readonly resolve?: Resolve
  readonly ca?: string
  readonly timeoutMs?: number
}

async function post(url: string, options: Options = {}) {
  const { allow = ['127.0.0.0/8'], resolve = systemResolve, ca, timeoutMs = SHORT_MS } = options
  const rules = { httpsOnly: false, allow: parseAllowList(allow) }
  const agent = guardedAgent({ rules, resolve, ...(ca !== undefined && { ca }) })
  try {
    const outcome = await postDelivery(agent, {
      url,
      headers: { 'x-test': '1' },
      body: '{}',
      nowMs: 0,
      timeoutMs,
    })
    return outcome
  } finally {
    await agent.destroy()
  }
}

const postTo = (respond: Respond, options?: Options) => {
  receiver.respond = respond
  return post(receiver.url, options)
}

describe('W6 a receiver that', () => {
  it('answers any 2xx has the event', async () => {
    for (const status of [200, 201, 202, 204, 299]) {
      const outcome = await postTo(answering(status))
      assert.deepEqual([outcome.isDelivered, outcome.status, outcome.error], [true, status, null])
    }
  })

  it('answers 3xx, 4xx or 5xx has not', async () => {
    for (const status of [301, 302, 307, 308, 400, 404, 410, 429, 500, 503]) {
      const outcome = await postTo(answering(status, 'no', { location: '/elsewhere' }))
      assert.deepEqual([outcome.isDelivered, outcome.status, outcome.responseExcerpt], [false, status, 'no'])
    }
  })

  it('asks to wait is heard', async () => {
    const outcome = await postTo(answering(429, '', { 'retry-after': '20' }))
    assert.equal(outcome.retryAfterMs, 20_000)
  })

  it('hangs is waited for 15 s in all, and no longer', async () => {
    assert.equal(ATTEMPT_MS_MAX, 15_000)
    const outcome = await postTo(() => {})
    assert.deepEqual(
      [outcome.isDelivered, outcome.status, outcome.error],
      [false, null, 'no answer within 0.4 s'],
    )
    assert.ok(outcome.latencyMs >= SHORT_MS && outcome.latencyMs < 10 * SHORT_MS)
  })

  it('drips its answer byte by byte is cut off at the same time, 200 or not', async () => {
    const outcome = await postTo((response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write('.'), 20)
      response.on('close', () => clearInterval(timer))
    })
    assert.deepEqual([outcome.isDelivered, outcome.status], [false, 200])
    assert.ok(outcome.latencyMs < 10 * SHORT_MS)
  })

  it('answers a gigabyte is read for 64 kB', async () => {
    let written = 0
    const outcome = await postTo(
      (response) => {
        response.writeHead(200)
        const chunk = Buffer.alloc(64 * 1024, 'a')
        const push = () => {
          while (!response.destroyed && written < 2 ** 30) {
            written += chunk.length
            if (!response.write(chunk)) return void response.once('drain', push)
          }
        }
        push()
      },
      { timeoutMs: 5_000 },
    )
    assert.equal(ANSWER_BYTES_MAX, 64 * 1024)
    assert.deepEqual([outcome.isDelivered, outcome.responseExcerpt], [true, 'a'.repeat(512)])
    assert.ok(written < 32 * 2 ** 20, `${written} bytes were taken`)
  })

  it('speaks no HTTP, hangs up, or is not there is a failure', async () => {
    const raw = createServer((socket) => {
      socket.on('error', () => {}).resume()
      socket.end('hello, I am no web server\r\n\r\n')
    })
    await listenOn(raw, '127.0.0.1')
    assert.equal((await post(`http://127.0.0.1:${portOf(raw)}/`)).isDelivered, false)
    const port = portOf(raw)
    raw.close()
    await once(raw, 'close')
    const outcome = await post(`http://127.0.0.1:${port}/`)
    assert.equal(outcome.error, 'connection refused')
    assert.equal((await postTo((response) => void response.socket?.destroy())).isDelivered, false)
  })

  it('has a certificate of nobody we know, or for another name, gets nothing; a known one does', async () => {
    await using tls = await startReceiver({ key: receiverKey, cert: receiverCertificate })
    assert.match((await post(tls.url)).error ?? '', /^TLS failed: /)
    const other = tls.url.replace('127.0.0.1', 'other.test')
    const toOther = await post(other, { ca: receiverCertificate, resolve: async () => ['127.0.0.1'] })
    assert.match(toOther.error ?? '', /^TLS failed: /)
    assert.equal(tls.received.length, 0)
    const known = await post(tls.url.replace('127.0.0.1', 'receiver.test'), {
      ca: receiverCertificate,
      resolve: async () => ['127.0.0.1'],
      timeoutMs: 5_000,
    })
    assert.deepEqual([known.isDelivered, tls.received.length], [true, 1])
  })
})

describe('W7 at sending', () => {
  it('a private address is not connected to, however it is written, and nothing of it is shown', async () => {
    const connections: Socket[] = []
    const raw = createServer((socket) => {
      connections.push(socket)
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret')
    })
    await listenOn(raw, '127.0.0.1')
    const port = portOf(raw)
    for (const host of [
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      '127.1',
      '[::ffff:127.0.0.1]',
      'localhost',
      'x.test',
    ]) {
      const outcome = await post(`http://${host}:${port}/`, { allow: [], resolve: async () => ['127.0.0.1'] })
      const { isDelivered, status, error, responseExcerpt } = outcome
      assert.deepEqual(
        [isDelivered, status, error, responseExcerpt],
        [false, null, 'address not allowed', null],
        host,
      )
    }
    assert.equal(connections.length, 0)
    raw.close()
  })
})

describe('W8 DNS rebinding', () => {
  it('the connection goes to the address that was checked, and the resolver is asked once', async () => {
    const [first, second] = [createServer(), createServer()]
    await listenOn(first, '127.0.0.1')
    await listenOn(second, '127.0.0.2', portOf(first))
    const reached: string[] = []
    for (const [name, server] of Object.entries({ first, second })) {
      server.on('connection', (socket) => {
        reached.push(name)
        socket.resume().end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
      })
    }
    const answers = [['127.0.0.1'], ['127.0.0.2']]
    let asked = 0
    const resolve = async () => answers[asked++] ?? []
    const outcome = await post(`http://rebind.test:${portOf(first)}/`, { allow: ['127.0.0.1'], resolve })
    assert.deepEqual([outcome.isDelivered, reached, asked], [true, ['first'], 1])
    first.close()
    second.close()
  })

  it('a name that is private when it is connected to is refused, though it was public when it was saved', async () => {
    const outcome = await post(receiver.url.replace('127.0.0.1', 'rebind.test'), {
      allow: [],
      resolve: async () => ['127.0.0.1'],
    })
    assert.equal(outcome.error, 'address not allowed')
  })
})

it('W9 a redirect is not followed, to a private address or anywhere', async () => {
  await using other = await startReceiver()
  for (const status of [301, 302, 303, 307, 308]) {
    const outcome = await postTo(answering(status, '', { location: other.url }))
    assert.deepEqual([outcome.isDelivered, outcome.status], [false, status])
  }
  assert.equal(other.received.length, 0)
})

it('proxies of the environment are ignored', async () => {
  await using proxy = await startReceiver()
  const variables = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']
  for (const name of variables) process.env[name] = name.startsWith('NODE') ? '1' : proxy.url
  try {
    assert.equal((await postTo(answering(200))).isDelivered, true)
  } finally {
    for (const name of variables) delete process.env[name]
  }
  assert.equal(proxy.received.length, 0)
})

it('a connection is used again', async () => {
  const rules = { httpsOnly: false, allow: parseAllowList(['127.0.0.1']) }
  const agent = guardedAgent({ rules, resolve: systemResolve })
  const sockets = new Set<Socket>()
  receiver.respond = (response) => {
    if (response.socket !== null) sockets.add(response.socket)
    response.end('thanks')
  }
  for (let i = 0; i < 5; i++) {
    const attempt = { url: receiver.url, headers: {}, body: '{}', nowMs: 0 }
    assert.equal((await postDelivery(agent, attempt)).isDelivered, true)
  }
  assert.ok(sockets.size <= 2, `${sockets.size} connections for 5 attempts`)
  await agent.destroy()
})

describe('W10 what is kept of an answer', () => {
  it('is short, of one line, and holds no secret', () => {
    const secrets = [
      `whsec_${'A'.repeat(43)}=`,
      'pk_live_abcdefghijklmnop.Zm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9v',
      'Bearer abc.def-ghi',
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
    ]
    for (const secret of secrets)
      assert.ok(!excerptOf(`error: ${secret} x`)?.includes(secret.slice(6, 20)), secret)
    for (const text of [
      '{"password":"hunter2"}',
      'api_key=hunter2',
      '"accessToken" : "hunter2"',
      'Secret: hunter2',
    ]) {
      assert.ok(!excerptOf(text)?.includes('hunter2'), text)
    }
    assert.equal(excerptOf('a\r\n\tb\u0000\u001b[31mc'), 'a b [31mc')
    assert.equal(excerptOf('x'.repeat(5_000))?.length, 512)
    assert.equal(excerptOf(' \n '), null)
    assert.equal(excerptOf(`${'x'.repeat(511)}😀`)?.isWellFormed(), true)
  })
})

async function listenOn(server: Server, host: string, port = 0): Promise<void> {
  server.listen(port, host)
  await once(server, 'listening')
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
