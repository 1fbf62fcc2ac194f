import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { formatAmount } from '@pacspace/api/amount'
import { cancelSubscription, changeSubscription, listInvoices } from '@pacspace/api/definition/billing'
import { provisionEnvironment } from '@pacspace/api/definition/environments'
import type { Period } from '@pacspace/api/timestamp'
import { reconcile } from '../reconcile.ts'
import { TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'
import { settleMonth } from './settle-month.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())
beforeEach(() => plane.clock.set('2026-01-15T12:00:00.000Z'))

/** An account on Pilot since the middle of January, in Production. Logs in again whenever the clock has moved on. */
async function pilot(): Promise<TestUser> {
  const user = await plane.account({ tier: 'pilot' })
  await plane.client.succeed(provisionEnvironment, { token: user.token, body: { environment: 'mainnet' } })
  await plane.runJobs()
  return user
}

/** One month of a tenant is settled at each look. */
async function reconcileAt(instant: string, looks = 1): Promise<void> {
  plane.clock.set(instant)
  for (let i = 0; i < looks; i++) {
    await reconcile(plane.context, { provisioningsOlderThanMs: 0 })
    await plane.runJobs()
  }
}

async function invoicesOf(user: TestUser, query = {}) {
  const token = await plane.freshToken(user)
  return (await plane.client.succeed(listInvoices, { token, query })).invoices
}

const told = (invoices: Awaited<ReturnType<typeof invoicesOf>>) =>
  invoices.map(({ period, totalUsd }) => [period, formatAmount(totalUsd)])

describe('a month that has ended', () => {
  test('is charged by one invoice: the plan, and what was used above it', async () => {
    const user = await pilot()
    plane.planes.production.use(user.tenantId, '2026-01', { consumed: 10_501, reserved: 0 })
    await reconcileAt('2026-02-01T00:00:30.000Z')
    const [invoice, ...others] = await invoicesOf(user)
    assert.ok(invoice !== undefined && others.length === 0)
    assert.match(invoice.id, /^bill_[0-9a-z]{26}$/)
    assert.deepEqual(
      [invoice.period, invoice.status, invoice.issuedAt, invoice.url],
      ['2026-01', 'issued', '2026-02-01T00:00:30.000Z', null],
    )
    assert.deepEqual(
      invoice.lines.map((line) => [line.description, line.quantity, formatAmount(line.amountUsd)]),
      [
        ['Pilot plan, 2026-01', 1, '1000'],
        ['Verified deltas above 10000, 2026-01', 501, '10.02'],
      ],
    )
    assert.equal(formatAmount(invoice.totalUsd), '1010.02')
  })

  test('is not charged before, nor twice, whoever asks and however often', async () => {
    const user = await pilot()
    const target = { tenantId: user.tenantId, period: '2026-01' as Period }
    plane.clock.set('2026-01-31T23:59:59.999Z')
    await settleMonth(target, plane.context)
    assert.deepEqual(await invoicesOf(user), [])
    plane.clock.set('2026-02-01T00:00:00.000Z')
    await Promise.all(Array.from({ length: 8 }, () => settleMonth(target, plane.context)))
    await reconcileAt('2026-02-02T00:00:00.000Z')
    assert.deepEqual(told(await invoicesOf(user)), [['2026-01', '1000']])
  })

  test('waits for what is not verified yet, three days at most', async () => {
    const user = await pilot()
    plane.planes.production.use(user.tenantId, '2026-01', { consumed: 10_000, reserved: 1 })
    await reconcileAt('2026-02-01T00:10:00.000Z')
    assert.deepEqual(await invoicesOf(user), [])
    plane.clock.set(new Date(Date.parse('2026-02-01') + 3 * DAY_MS - 1).toISOString())
    await reconcileAt(new Date(plane.clock.now()).toISOString())
    assert.deepEqual(await invoicesOf(user), [])
    plane.clock.advance(1)
    await reconcileAt(new Date(plane.clock.now()).toISOString())
    assert.deepEqual(told(await invoicesOf(user)), [['2026-01', '1000']])
  })

  test('is charged when the plane is back, if it was away', async () => {
    const user = await pilot()
    plane.planes.production.use(user.tenantId, '2026-01', { consumed: 10_001, reserved: 0 })
    await plane.planes.production.stop()
    await reconcileAt('2026-02-01T00:01:00.000Z')
    assert.deepEqual(await invoicesOf(user), [])
    await plane.planes.production.start()
    await reconcileAt('2026-02-01T00:02:00.000Z')
    assert.deepEqual(told(await invoicesOf(user)), [['2026-01', '1000.02']])
  })

  test('months that were missed are charged one after the other, those on Free not at all', async () => {
    const user = await pilot()
    plane.clock.set('2026-03-02T00:00:00.000Z')
    await plane.client.succeed(cancelSubscription, { token: await plane.freshToken(user) })
    plane.clock.set('2026-05-20T00:00:00.000Z')
    const token = await plane.freshToken(user)
    await plane.client.succeed(changeSubscription, { token, body: { tier: 'starter' } })
    await reconcileAt('2026-06-02T00:00:00.000Z', 6)
    assert.deepEqual(told(await invoicesOf(user)), [
      ['2026-05', '3000'],
      ['2026-03', '1000'],
      ['2026-02', '1000'],
      ['2026-01', '1000'],
    ])
    assert.deepEqual(told(await invoicesOf(user, { page: 2, limit: 3 })), [['2026-01', '1000']])
  })

  test('who never paid is never asked about', async () => {
    const user = await plane.account()
    const before = plane.planes.sandbox.calls.length
    await reconcileAt('2026-07-01T00:00:00.000Z')
    assert.deepEqual(await invoicesOf(user), [])
    assert.ok(!plane.planes.sandbox.calls.slice(before).includes('getPlaneUsage'))
  })
})

test('an invoice cannot be changed or removed by the service', async () => {
  const { db } = plane.context
  await assert.rejects(db.query('update invoice set total_usd = 0'), { code: '42501' })
  await assert.rejects(db.query('delete from invoice'), { code: '42501' })
  await assert.rejects(db.query('update plan_change set tier = $1', ['free']), { code: '42501' })
})

test('another tenant’s invoices are not listed', async () => {
  const [mine, theirs] = [await pilot(), await pilot()]
  await reconcileAt('2026-02-01T00:01:00.000Z')
  const [own] = await invoicesOf(mine)
  const [other] = await invoicesOf(theirs)
  assert.notEqual(own?.id, other?.id)
  assert.equal((await invoicesOf(mine)).length, 1)
})
