import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeRuntime } from '../testing/fake-runtime.ts'
import { type Step, serveScript, success } from '../testing/scripted-server.ts'
import { PacSpaceError } from './error.ts'
import { PacSpace, type PacSpaceOptions } from './pacspace.ts'

const apiKey = 'pk_test_abcdefghijklmnop.secret'

async function scripted(steps: Step[], options: Partial<PacSpaceOptions<boolean>> = {}) {
  const server = await serveScript(steps)
  const runtime = new FakeRuntime()
  return { server, runtime, ...new PacSpace({ apiKey, baseUrl: server.url, runtime, ...options }) }
}

const status = (word: string) => success(200, { recordId: 'rec_1', status: word })

describe('emit', () => {
  it('sends the same for both ways of calling it, options apart', async () => {
    const { server, balance } = await scripted([success(201, {}), success(201, {})])
    await using _ = server
    const details = { referenceId: 'bill_31', metadata: { plan: 'pilot' }, adjusts: { recordId: 'rec_0' } }
    await balance.emit('cust_77', '-250', 'seat charge', {
      ...details,
      idempotencyKey: 'mine',
      timeout: 30_000,
    })
    await balance.emit({
      customerId: 'cust_77',
      delta: '-250',
      reason: 'seat charge',
      ...details,
      maxRetries: 1,
    })
    const [first, second] = server.requests.map(({ body }) => JSON.parse(body))
    assert.deepEqual(first, { customerId: 'cust_77', delta: '-250', reason: 'seat charge', ...details })
    assert.deepEqual(second, first)
    assert.equal(server.requests[0]?.headers['idempotency-key'], 'mine')
    assert.equal(server.requests[0]?.headers['x-api-key'], apiKey)
    assert.equal(server.requests[0]?.headers['content-type'], 'application/json')
    assert.equal(server.requests[0]?.url, '/api/v1/balance/delta')
  })

  it('sends an amount digit by digit, whatever its type', async () => {
    const amounts = [0.1, 1e-7, 10n ** 9n, '100000000.0000000001', -250, '1e3']
    const { server, balance } = await scripted(amounts.map(() => success(201, {})))
    await using _ = server
    for (const delta of amounts) await balance.emit('cust_77', delta, 'test')
    assert.deepEqual(
      server.requests.map(({ body }) => JSON.parse(body).delta),
      ['0.1', '0.0000001', '1000000000', '100000000.0000000001', '-250', '1e3'],
    )
  })

  it('rejects, and sends nothing, where delta or reason is missing or no number', async () => {
    const { server, balance } = await scripted([])
    await using _ = server
    await assert.rejects(balance.emit('cust_77', Number.NaN, 'test'), { code: 'INVALID_AMOUNT' })
    // @ts-expect-error: callers without a type checker
    await assert.rejects(balance.emit('cust_77', 5), { code: 'INVALID_OPTION' })
    assert.equal(server.requests.length, 0)
  })

  it('gives numbers by default, and with exactAmounts asks for decimal strings', async () => {
    const numbers = await scripted([success(201, { delta: -250 })])
    await using _ = numbers.server
    assert.equal((await numbers.balance.emit('cust_77', -250, 'test')).delta, -250)
    assert.equal(numbers.server.requests[0]?.headers['x-amount-format'], undefined)

    const exact = await scripted([success(201, { delta: '-250' })], { exactAmounts: true })
    await using __ = exact.server
    assert.equal((await exact.balance.emit('cust_77', -250, 'test')).delta, '-250')
    assert.equal(exact.server.requests[0]?.headers['x-amount-format'], 'string')
  })
})

describe('emitBatch', () => {
  it('sends all items in one request, in order', async () => {
    const { server, balance } = await scripted([
      success(201, { totalQueued: 2, totalFailed: 0, results: [] }),
    ])
    await using _ = server
    const item = { customerId: 'cust_77', reason: 'seat charge' }
    const answer = await balance.emitBatch([
      { ...item, delta: 1.5 },
      { ...item, delta: 2n, referenceId: 'bill_31' },
    ])
    assert.equal(answer.totalQueued, 2)
    assert.equal(server.requests[0]?.url, '/api/v1/balance/delta/batch')
    assert.deepEqual(JSON.parse(server.requests[0]?.body ?? ''), {
      deltas: [
        { ...item, delta: '1.5' },
        { ...item, delta: '2', referenceId: 'bill_31' },
      ],
    })
  })
})

describe('waiting for the verification', () => {
  it('emitAndWait gives the verified delta', async () => {
    const { server, runtime, balance } = await scripted([
      success(201, { recordId: 'rec_1', status: 'QUEUED' }),
      status('QUEUED'),
      status('PROCESSING'),
      status('VERIFIED'),
    ])
    await using _ = server
    assert.equal((await balance.emitAndWait('cust_77', 1, 'credit')).status, 'VERIFIED')
    assert.deepEqual(
      server.requests.map(({ method, url }) => `${method} ${url}`),
      ['POST /api/v1/balance/delta', ...Array(3).fill('GET /api/v1/balance/delta/rec_1')],
    )
    assert.deepEqual(runtime.delaysMs, [50, 100])
  })

  it('raises DELTA_FAILED for a delta that cannot be verified', async () => {
    const { server, balance } = await scripted([status('FAILED')])
    await using _ = server
    await assert.rejects(balance.waitForVerified('rec_1'), { code: 'DELTA_FAILED' })
  })

  it('raises TIMEOUT after waitTimeout, having asked until then', async () => {
    const { server, runtime, balance } = await scripted(Array(9).fill(status('PROCESSING')))
    await using _ = server
    await assert.rejects(balance.waitForVerified('rec_1', { waitTimeout: 400 }), {
      code: 'TIMEOUT',
      message: 'rec_1 was not verified within 400 ms: PROCESSING',
    })
    assert.deepEqual(runtime.delaysMs, [50, 100, 200])
  })
})

describe('derive', () => {
  it('encodes the customer id and sends the query, amounts digit by digit', async () => {
    const { server, balance } = await scripted([success(200, { computedBalance: 12.5 })])
    await using _ = server
    const answer = await balance.derive('eu:cust.77', {
      startingBalance: 1e-7,
      limit: 5,
      includePending: true,
    })
    assert.equal(answer.computedBalance, 12.5)
    const url = new URL(server.requests[0]?.url ?? '', 'http://x')
    assert.equal(url.pathname, '/api/v1/balance/derive/eu%3Acust.77')
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      startingBalance: '0.0000001',
      limit: '5',
      includePending: 'true',
    })
  })

  it('refuses an id that a URL parser would resolve away', async () => {
    const { server, balance } = await scripted([])
    await using _ = server
    for (const id of ['', '.', '..']) {
      await assert.rejects(
        balance.derive(id),
        (error) => error instanceof PacSpaceError && error.code === 'INVALID_OPTION',
      )
    }
    assert.equal(server.requests.length, 0)
  })
})

describe('customers', () => {
  const page = (number: number, ids: string[]) =>
    success(200, {
      customers: ids.map((customerId) => ({ customerId })),
      pagination: { total: 3, page: number, limit: 2, totalPages: 2 },
    })

  it('walks all pages, one request each', async () => {
    const { server, balance } = await scripted([page(1, ['a', 'b']), page(2, ['c'])])
    await using _ = server
    const ids = await Array.fromAsync(
      balance.customers({ pageSize: 2, search: 'é' }),
      ({ customerId }) => customerId,
    )
    assert.deepEqual(ids, ['a', 'b', 'c'])
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      [1, 2].map((number) => `/api/v1/balance/customers?page=${number}&limit=2&search=%C3%A9`),
    )
  })

  it('fetches no page that is not asked for', async () => {
    const { server, balance } = await scripted([page(1, ['a', 'b'])])
    await using _ = server
    for await (const _customer of balance.customers()) break
    assert.equal(server.requests.length, 1)
  })

  it('ends with none', async () => {
    const empty = success(200, {
      customers: [],
      pagination: { total: 0, page: 1, limit: 100, totalPages: 0 },
    })
    const { server, balance } = await scripted([empty])
    await using _ = server
    assert.deepEqual(await Array.fromAsync(balance.customers()), [])
  })
})
