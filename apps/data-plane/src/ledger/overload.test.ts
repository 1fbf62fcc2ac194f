import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import * as api from '@pacspace/api/definition/ledger'
import { setEntitlement } from '@pacspace/api/internal/plane'
import { plans } from '@pacspace/api/plan'
import { Problem } from '@pacspace/api/problem'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { transaction } from '@pacspace/service/postgres'
import type { TestAnswer } from '@pacspace/testing/test-client'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { Appender, type Turn, type UnitKind } from './append.ts'

const DEADLINE_MS = 20_000

/** A turn whose groups are what was prepared. */
function turnOf<Unit, Outcome>(
  commit: (units: readonly Unit[]) => Promise<readonly Outcome[]>,
): Turn<Unit, Outcome> {
  const prepared: Unit[] = []
  return {
    prepare: (units) => void prepared.push(...units),
    commit: (_, isWanted) => commit(prepared.splice(0).filter((_unit, index) => isWanted[index])),
    close: () => {},
  }
}

describe('R32 the queue of a tenant', () => {
  it('holds 50,000 rows and not one more; what waits is served when its turn comes', async () => {
    let commit = () => {}
    const committed = new Promise<void>((resolve) => {
      commit = resolve
    })
    const kind: UnitKind<number, 'done'> = {
      rowsOf: (rows) => rows,
      groupRowsMax: 2_000,
      open: () =>
        turnOf(async (units) => {
          await committed
          return units.map(() => 'done')
        }),
    }
    const appender = new Appender(1)
    const append = (rows: number) =>
      appender.append(kind, 1, rows).then(
        () => 'done',
        (error) => (error instanceof Problem ? error.code : String(error)),
      )
    const running = append(2_000)
    await new Promise(setImmediate)
    const waiting = Array.from({ length: 50 }, () => append(1_000))
    assert.equal(appender.waitingRows, 50_000)
    assert.deepEqual(
      new Set(await Promise.all(Array.from({ length: 1_000 }, () => append(1)))),
      new Set(['SERVICE_UNAVAILABLE']),
    )
    assert.equal(appender.waitingRows, 50_000)
    commit()
    assert.deepEqual(new Set(await Promise.all([running, ...waiting])), new Set(['done']))
    assert.equal(appender.waitingRows, 0)
    assert.equal(await append(1_000), 'done')
  })
})

describe('R6 a commit that hangs', () => {
  it('keeps nobody waiting behind it for ever, and what was refused is not appended afterwards', async () => {
    let commit = () => {}
    const committed = new Promise<void>((resolve) => {
      commit = resolve
    })
    const appended: string[] = []
    const kind: UnitKind<string, 'done'> = {
      rowsOf: () => 1,
      groupRowsMax: 1,
      open: () =>
        turnOf(async (units) => {
          if (appended.push(...units) === 1) await committed
          return units.map(() => 'done')
        }),
    }
    const appender = new Appender(1, 100)
    const hanging = appender.append(kind, 1, 'hangs')
    // Of the same tenant, and of one that waits for the only lane.
    const waiting = [1, 1, 2].map((tenantNo) => appender.append(kind, tenantNo, 'waits'))
    const refusals = await Promise.all(waiting.map((one) => one.catch((error: unknown) => error)))
    for (const refusal of refusals)
      assert.ok(refusal instanceof Problem && refusal.code === 'SERVICE_UNAVAILABLE')
    assert.equal(appender.waitingRows, 0)
    commit()
    assert.equal(await hanging, 'done')
    for (const tenantNo of [1, 2]) assert.equal(await appender.append(kind, tenantNo, 'later'), 'done')
    assert.deepEqual(appended, ['hangs', 'later', 'later'])
  })
})

describe('R32 five times what can be served', () => {
  let plane: TestDataPlane
  before(async () => {
    plane = await startTestDataPlane()
  })
  after(async () => {
    await plane.requireSound()
    await plane[Symbol.asyncDispose]()
  })

  const emit = ({ key }: TestTenant) =>
    plane.client.call(api.emitDelta, { key, body: { customerId: 'cust_1', delta: 1, reason: 'usage' } })
  const batch = ({ key }: TestTenant, items: number) =>
    plane.client.call(api.emitBatch, {
      key,
      body: {
        deltas: Array.from({ length: items }, (_, index) => ({
          customerId: `cust_${index}`,
          delta: 1,
          reason: 'usage',
        })),
      },
    })
  const rowCount = async ({ tenantNo }: TestTenant) => {
    const { rows } = await plane.owner.query<{ size: number }>(
      'select size from log_head where tenant_id = $1',
      [tenantNo],
    )
    return rows[0]?.size
  }

  it('of its rate: a tenant gets its burst, the rest 429 with Retry-After, and its neighbour everything', async () => {
    const [loud, quiet] = await Promise.all([plane.newTenant(), plane.newTenant()])
    const { lifetimeCap, monthlyAllotment, ratePerSecond, burst } = plans.pilot
    await plane.internal.succeed(setEntitlement, {
      token: plane.internalSecret,
      params: { tenantId: loud.tenantId },
      body: { tier: 'pilot', lifetimeCap, monthlyAllotment, writesAllowed: true, ratePerSecond, burst },
    })
    const flood = Promise.all(Array.from({ length: 500 }, () => emit(loud)))
    const neighbour = await Promise.all(Array.from({ length: 100 }, () => emit(quiet)))
    for (const { status } of neighbour) assert.equal(status, 201)
    let accepted = 0
    for (const { status, problem, headers } of await flood) {
      if (status === 201) accepted++
      else {
        assert.equal(problem?.code, 'RATE_LIMITED')
        assert.ok(Number(headers.get('retry-after')) >= 1)
      }
    }
    assert.ok(accepted >= burst && accepted < 500, `${accepted} were accepted`)
    assert.equal(await rowCount(loud), accepted)
  })

  it('of what its log takes: 503 at once for what would wait too long, all that was let in is written', async () => {
    const [stuck, other] = await Promise.all([plane.newTenant(), plane.newTenant()])
    // What is on its way, and how many rows it asks for. On a slow machine some of it comes too late to be let in.
    const sent: { readonly rows: number; readonly answer: Promise<TestAnswer<unknown>> }[] = []
    await transaction(plane.owner, async (tx) => {
      await tx.query('select from log_head where tenant_id = $1 for update', [stuck.tenantNo])
      for (let batches = 0; batches < 6; batches++) sent.push({ rows: 1_000, answer: batch(stuck, 1_000) })
      const isFull = async () => {
        const one = { rows: 1, answer: emit(stuck) }
        sent.push(one)
        const answer = await Promise.race([one.answer, delay(50, undefined)])
        return answer?.problem?.code === 'SERVICE_UNAVAILABLE'
      }
      assert.ok(await waitUntil(isFull, DEADLINE_MS), 'the queue never filled')
      const refused = await Promise.all(Array.from({ length: 200 }, () => emit(stuck)))
      for (const { problem, headers } of refused) {
        assert.equal(problem?.code, 'SERVICE_UNAVAILABLE')
        assert.ok(Number(headers.get('retry-after')) >= 1)
      }
      for (const { status } of await Promise.all(Array.from({ length: 50 }, () => emit(other)))) {
        assert.equal(status, 201)
      }
    })
    let accepted = 0
    for (const { rows, answer } of sent) {
      const { status, problem } = await answer
      if (status === 201) accepted += rows
      else assert.equal(problem?.code, 'SERVICE_UNAVAILABLE')
    }
    assert.ok(accepted >= 2_000, `${accepted} rows were let in`)
    assert.equal(await rowCount(stuck), accepted)
    assert.equal((await emit(stuck)).status, 201)
  })
})
