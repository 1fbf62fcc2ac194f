import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { provisionEnvironment } from '@pacspace/api/definition/environments'
import { reconcile } from '../reconcile.ts'
import { TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())
beforeEach(() => plane.clock.set('2026-01-15T12:00:00.000Z'))

async function look(times = 1): Promise<void> {
  for (let i = 0; i < times; i++) {
    await reconcile(plane.context, { provisioningsOlderThanMs: 0 })
    await plane.runJobs()
  }
}

/** The shares that a user was mailed about, in order. */
const toldTo = ({ email }: TestUser) =>
  plane.mails
    .filter(({ to, subject }) => to === email && subject.includes('allowance'))
    .map(({ subject }) => /^\d+ %/.exec(subject)?.[0])

async function pilot(): Promise<TestUser> {
  const user = await plane.account({ tier: 'pilot' })
  await plane.client.succeed(provisionEnvironment, { token: user.token, body: { environment: 'mainnet' } })
  await plane.runJobs()
  return user
}

test('80 % and 100 % of a month are mailed once each, below 80 % nothing', async () => {
  const user = await pilot()
  const use = (consumed: number) =>
    plane.planes.production.use(user.tenantId, '2026-01', { consumed, reserved: 500 })
  use(7_999)
  await look()
  assert.deepEqual(toldTo(user), [])
  use(8_000)
  await look(3)
  assert.deepEqual(toldTo(user), ['80 %'])
  use(9_999)
  await look()
  assert.deepEqual(toldTo(user), ['80 %'])
  use(10_000)
  await look(2)
  assert.deepEqual(toldTo(user), ['80 %', '100 %'])
})

test('both passed at once: one mail, of the higher share', async () => {
  const user = await pilot()
  plane.planes.production.use(user.tenantId, '2026-01', { consumed: 12_000, reserved: 0 })
  await look(2)
  assert.deepEqual(toldTo(user), ['100 %'])
})

test('each month anew, and each bigger plan', async () => {
  const user = await pilot()
  plane.planes.production.use(user.tenantId, '2026-01', { consumed: 10_000, reserved: 0 })
  await look()
  await plane.putOnPlan(user.tenantId, 'starter')
  plane.planes.production.use(user.tenantId, '2026-01', { consumed: 80_000, reserved: 0 })
  await look()
  plane.clock.set('2026-02-10T00:00:00.000Z')
  plane.planes.production.use(user.tenantId, '2026-02', { consumed: 80_000, reserved: 0 })
  await look()
  assert.deepEqual(toldTo(user), ['100 %', '80 %', '80 %'])
})

test('Free: of its life, in the Sandbox; the Sandbox of who pays is not looked at', async () => {
  const [free, paying] = [await plane.account(), await pilot()]
  plane.planes.sandbox.use(free.tenantId, '2025-12', { consumed: 50, reserved: 0 })
  plane.planes.sandbox.use(free.tenantId, '2026-01', { consumed: 30, reserved: 0 })
  plane.planes.sandbox.use(paying.tenantId, '2026-01', { consumed: 99_999, reserved: 0 })
  await look()
  plane.clock.set('2026-02-10T00:00:00.000Z')
  await look()
  assert.deepEqual([toldTo(free), toldTo(paying)], [['80 %'], []])
  const mail = plane.mails.find(({ to, subject }) => to === free.email && subject.startsWith('80 %'))
  assert.match(mail?.text ?? '', /writes are refused/)
})

test('a plane that is away is looked at when it is back', async () => {
  const user = await pilot()
  plane.planes.production.use(user.tenantId, '2026-01', { consumed: 10_000, reserved: 0 })
  await plane.planes.production.stop()
  await look()
  assert.deepEqual(toldTo(user), [])
  await plane.planes.production.start()
  await look()
  assert.deepEqual(toldTo(user), ['100 %'])
})
