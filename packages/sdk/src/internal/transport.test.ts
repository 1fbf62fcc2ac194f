import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConnectionError, PacSpaceError, RateLimitError, ServerError, TimeoutError } from '../core/error.ts'
import { PacSpace } from '../core/pacspace.ts'
import { FakeRuntime } from '../testing/fake-runtime.ts'
import { refusal, type ScriptedServer, type Step, serveScript, success } from '../testing/scripted-server.ts'

const apiKey = 'pk_test_abcdefghijklmnop.secret'
const emitted = success(201, { recordId: 'rec_1', delta: -250, status: 'QUEUED' })

interface Setting {
  readonly server: ScriptedServer
  readonly runtime: FakeRuntime
  readonly pacspace: PacSpace
}

async function withScript(steps: Step[], test: (setting: Setting) => Promise<void>): Promise<void> {
  await using server = await serveScript(steps)
  const runtime = new FakeRuntime()
  await test({ server, runtime, pacspace: new PacSpace({ apiKey, baseUrl: server.url, runtime }) })
  assert.equal(runtime.watches, 0, 'a call has ended and its timer still runs')
}

const keysOf = ({ requests }: ScriptedServer) => requests.map(({ headers }) => headers['idempotency-key'])

async function failure(call: Promise<unknown>): Promise<PacSpaceError> {
  try {
    await call
  } catch (error) {
    if (error instanceof PacSpaceError) return error
    throw error
  }
  throw new assert.AssertionError({ message: 'the call succeeded' })
}

describe('a write is tried again under the same idempotency key', () => {
  it('after two 500s: three attempts, backoff doubled, one key', () =>
    withScript(
      [refusal(500, 'INTERNAL_ERROR'), refusal(503, 'SERVICE_UNAVAILABLE'), emitted],
      async ({ server, runtime, pacspace }) => {
        const delta = await pacspace.balance.emit('cust_77', -250, 'seat charge')
        assert.equal(delta.recordId, 'rec_1')
        assert.deepEqual(keysOf(server), ['key-1', 'key-1', 'key-1'])
        assert.deepEqual(runtime.delaysMs, [500, 1_000])
        assert.equal(new Set(server.requests.map(({ body }) => body)).size, 1, 'the same body each time')
      },
    ))

  it('after the connection broke behind a write that may be done', () =>
    withScript(['drop', 'drop in the body', emitted], async ({ server, pacspace }) => {
      await pacspace.balance.emit('cust_77', -250, 'seat charge')
      assert.deepEqual(keysOf(server), ['key-1', 'key-1', 'key-1'])
    }))

  it('after no answer came in time', () =>
    withScript(['never answer', emitted], async ({ server, runtime, pacspace }) => {
      const call = pacspace.balance.emit('cust_77', -250, 'seat charge')
      await server.received(1)
      runtime.runOutOfTime()
      assert.equal((await call).recordId, 'rec_1')
      assert.deepEqual(keysOf(server), ['key-1', 'key-1'])
    }))

  it('A28 the caller’s key is never overwritten, in no attempt', () =>
    withScript(['drop', refusal(500, 'INTERNAL_ERROR'), emitted], async ({ server, pacspace }) => {
      await pacspace.balance.emit('cust_77', -250, 'seat charge', { idempotencyKey: 'mine' })
      assert.deepEqual(keysOf(server), ['mine', 'mine', 'mine'])
    }))

  it('two calls are two writes: each has a key of its own', () =>
    withScript([emitted, emitted], async ({ server, pacspace }) => {
      await pacspace.balance.emit('cust_77', -250, 'seat charge')
      await pacspace.balance.emitBatch([{ customerId: 'cust_77', delta: -250, reason: 'seat charge' }])
      assert.deepEqual(keysOf(server), ['key-1', 'key-2'])
    }))

  it('a read carries no key and is tried again too', () =>
    withScript(
      [refusal(500, 'INTERNAL_ERROR'), success(200, { recordId: 'rec_1' })],
      async ({ server, pacspace }) => {
        await pacspace.balance.deltaStatus('rec_1')
        assert.deepEqual(keysOf(server), [undefined, undefined])
      },
    ))
})

describe('Retry-After', () => {
  it('is honoured over a shorter backoff, in seconds', () =>
    withScript(
      [refusal(429, 'RATE_LIMITED', { 'retry-after': '7' }), emitted],
      async ({ runtime, pacspace }) => {
        await pacspace.balance.emit('cust_77', 1, 'credit')
        assert.deepEqual(runtime.delaysMs, [7_000])
      },
    ))

  it('is honoured as a date', () =>
    withScript(
      [refusal(503, 'SERVICE_UNAVAILABLE', { 'retry-after': 'Thu, 15 Jan 2026 12:00:09 GMT' }), emitted],
      async ({ runtime, pacspace }) => {
        await pacspace.balance.emit('cust_77', 1, 'credit')
        assert.deepEqual(runtime.delaysMs, [9_000])
      },
    ))

  it('of 60 s is waited for, of 61 s ends the call and is handed to the caller', () =>
    withScript(
      [
        refusal(429, 'RATE_LIMITED', { 'retry-after': '60' }),
        refusal(429, 'RATE_LIMITED', { 'retry-after': '61' }),
      ],
      async ({ server, runtime, pacspace }) => {
        const error = await failure(pacspace.balance.emit('cust_77', 1, 'credit'))
        assert.ok(error instanceof RateLimitError)
        assert.equal(error.retryAfterSeconds, 61)
        assert.deepEqual(runtime.delaysMs, [60_000])
        assert.equal(server.requests.length, 2)
      },
    ))
})

describe('the call ends', () => {
  it('after maxRetries further attempts, with the last error', () =>
    withScript(
      [refusal(500, 'INTERNAL_ERROR'), refusal(500, 'INTERNAL_ERROR'), refusal(503, 'CLOCK_UNSURE')],
      async ({ server, pacspace }) => {
        const error = await failure(pacspace.balance.emit('cust_77', 1, 'credit'))
        assert.ok(error instanceof ServerError)
        assert.equal(error.code, 'CLOCK_UNSURE')
        assert.equal(error.idempotencyKey, 'key-1', 'to go on with later')
        assert.equal(server.requests.length, 3)
      },
    ))

  it('A29 at once with maxRetries 0', () =>
    withScript([refusal(500, 'INTERNAL_ERROR')], async ({ server, runtime, pacspace }) => {
      await failure(pacspace.balance.emit('cust_77', 1, 'credit', { maxRetries: 0 }))
      assert.equal(server.requests.length, 1)
      assert.deepEqual(runtime.delaysMs, [])
    }))

  for (const status of [400, 401, 402, 403, 404, 409, 412, 413, 415, 422]) {
    it(`at once with ${status}: the same again cannot help`, () =>
      withScript([refusal(status, 'SOME_CODE')], async ({ server, pacspace }) => {
        const error = await failure(pacspace.balance.emit('cust_77', 1, 'credit'))
        assert.equal(error.statusCode, status)
        assert.equal(server.requests.length, 1)
      }))
  }

  it('with CONNECTION_FAILED where nobody listens', async () => {
    const { url } = await closedServer()
    const pacspace = new PacSpace({ apiKey, baseUrl: url, runtime: new FakeRuntime() })
    const error = await failure(pacspace.balance.emit('cust_77', 1, 'credit'))
    assert.ok(error instanceof ConnectionError)
    assert.match(error.message, /ECONNREFUSED/)
  })

  it('with TIMEOUT when no attempt is answered', () =>
    withScript(['never answer'], async ({ server, runtime, pacspace }) => {
      const call = failure(pacspace.balance.emit('cust_77', 1, 'credit', { maxRetries: 0 }))
      await server.received(1)
      runtime.runOutOfTime()
      const error = await call
      assert.ok(error instanceof TimeoutError)
      assert.equal(error.code, 'TIMEOUT')
      assert.equal(error.requestPath, 'POST /api/v1/balance/delta')
    }))

  it('with the signal’s reason when the caller gives up, and nothing is tried again', () =>
    withScript(['never answer'], async ({ server, pacspace }) => {
      const giveUp = new AbortController()
      const call = pacspace.balance.emit('cust_77', 1, 'credit', { signal: giveUp.signal })
      await server.received(1)
      const reason = new Error('shutting down')
      giveUp.abort(reason)
      await assert.rejects(call, (error) => error === reason)
      assert.equal(server.requests.length, 1)
    }))

  it('before anything is sent when the signal has fired already', () =>
    withScript([], async ({ server, pacspace }) => {
      const call = pacspace.balance.emit('cust_77', 1, 'credit', {
        signal: AbortSignal.abort(new Error('no')),
      })
      await assert.rejects(call, /^Error: no$/)
      assert.equal(server.requests.length, 0)
    }))

  it('with the real clock, after the timeout of the call and not of the client', async () => {
    await using server = await serveScript(['never answer'])
    const pacspace = new PacSpace({ apiKey, baseUrl: server.url, maxRetries: 0 })
    const error = await failure(pacspace.balance.emit('cust_77', 1, 'credit', { timeout: 20 }))
    assert.equal(error.message, 'No answer within 20 ms')
  })
})

describe('an error', () => {
  it('carries code, status, request id, path without query, docs and details', () =>
    withScript([refusal(400, 'VALIDATION_ERROR')], async ({ pacspace }) => {
      const error = await failure(pacspace.balance.derive('cust:77', { limit: 5 }))
      const { code, statusCode, requestId, requestPath, docs, details, message } = error
      assert.deepEqual(
        { code, statusCode, requestId, requestPath, docs, details, message, name: error.name },
        {
          code: 'VALIDATION_ERROR',
          statusCode: 400,
          requestId: 'req_1',
          requestPath: 'GET /api/v1/balance/derive/cust%3A77',
          docs: 'https://docs.example/problems/VALIDATION_ERROR',
          details: [{ path: '/delta', message: 'is wrong' }],
          message: 'refused with VALIDATION_ERROR',
          name: 'BadRequestError',
        },
      )
    }))

  it('never holds the API key', () =>
    withScript([{ status: 502, body: '<html>bad gateway</html>' }], async ({ pacspace }) => {
      const error = await failure(pacspace.balance.emit('cust_77', 1, 'credit', { maxRetries: 0 }))
      assert.equal(error.code, 'UNEXPECTED_ANSWER')
      assert.equal(error.statusCode, 502)
      assert.doesNotMatch(JSON.stringify({ ...error, message: error.message, stack: error.stack }), /secret/)
    }))

  it('is raised for a 200 that is not the API’s', () =>
    withScript([{ status: 200, body: '<html>log in to this wifi</html>' }], async ({ server, pacspace }) => {
      const error = await failure(pacspace.balance.deltaStatus('rec_1'))
      assert.equal(error.code, 'UNEXPECTED_ANSWER')
      assert.equal(server.requests.length, 1)
    }))

  it('is raised for a redirect, which is not followed: it would take the key along', async () => {
    await using elsewhere = await serveScript([success(200, {})])
    await withScript(
      [{ status: 302, headers: { location: elsewhere.url }, body: '' }],
      async ({ pacspace }) => {
        const error = await failure(pacspace.balance.deltaStatus('rec_1'))
        assert.equal(error.code, 'UNEXPECTED_ANSWER')
        assert.equal(elsewhere.requests.length, 0)
      },
    )
  })
})

async function closedServer(): Promise<{ url: string }> {
  await using server = await serveScript([])
  return { url: server.url }
}
