import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { amountOf } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/ledger'
import { Problem } from '@pacspace/api/problem'
import { sha256Text } from '@pacspace/proofs/sha256'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { createPool } from '@pacspace/service/postgres'
import { type FaultProxy, startFaultProxy } from '@pacspace/testing/fault-proxy'
import { API_ROLE } from '../data-plane.ts'
import {
  createTestStore,
  removeTestStore,
  startTestDataPlane,
  type TestDataPlane,
  type TestStore,
  type TestTenant,
} from '../testing/test-data-plane.ts'
import type { AppendUnit, UnitOutcome } from './append-unit.ts'
import { createAppend } from './create-append.ts'
import { deltaRequestOf, keyDigestOf } from './delta-request.ts'

const DEADLINE_MS = 10_000

/** Fails rows by what they say, with the SQLSTATE that they name: `fail 23514`. */
const FAIL_BY_REASON = `
  create function fail_by_reason() returns trigger language plpgsql as $$
  begin
    raise exception 'injected' using errcode = split_part(new.reason, ' ', 2);
  end $$;
  create trigger fail_by_reason before insert on delta for each row when (new.reason like 'fail %')
  execute function fail_by_reason()`

/** An emit, or with several reasons a batch, under a key of its own. */
function unitOf({ tenantId }: TestTenant, reasons: readonly string[], customerId = 'cust_1'): AppendUnit {
  const items = reasons.map((reason) => deltaRequestOf({ customerId, delta: amountOf('1.5'), reason }))
  const hashes = items.map((item) => item.contentHash)
  return {
    kind: reasons.length === 1 ? 'emit' : 'batch',
    items,
    keyDigest: keyDigestOf(tenantId, `${customerId} ${reasons.join()}`),
    requestHash: reasons.length === 1 ? null : sha256Text(`batch\n${hashes.join('\n')}`),
  }
}

describe('R12 a write that fails after its key was seen', () => {
  let store: TestStore
  let proxy: FaultProxy
  let plane: TestDataPlane
  before(async () => {
    store = await createTestStore()
    proxy = await startFaultProxy(store.database.url)
    plane = await startTestDataPlane('sandbox', { store, appendUrl: proxy.through(store.database.url) })
  })
  after(async () => {
    await plane[Symbol.asyncDispose]()
    await proxy[Symbol.asyncDispose]()
    await removeTestStore(store)
  })

  const emit = (tenant: TestTenant, key: string, reason = 'usage', customerId = 'cust_1') =>
    plane.client.call(api.emitDelta, {
      key: tenant.key,
      headers: { 'idempotency-key': key },
      body: { customerId, delta: '1.5', reason },
    })
  const batch = (tenant: TestTenant, key: string, reasons: readonly string[]) =>
    plane.client.call(api.emitBatch, {
      key: tenant.key,
      headers: { 'idempotency-key': key },
      body: { deltas: reasons.map((reason) => ({ customerId: 'cust_b', delta: '1.5', reason })) },
    })
  const rowCount = async (tenant: TestTenant) => {
    const { rows } = await plane.owner.query<{ count: number }>(
      'select count(*)::int from delta where tenant_id = $1',
      [tenant.tenantNo],
    )
    return rows[0]?.count
  }
  /** What one tick of the event loop appends is one group. True for a unit that is written, false for one that failed. */
  const appendGroup = async (at: TestDataPlane, tenant: TestTenant, units: readonly AppendUnit[]) => {
    const outcomes = await Promise.allSettled(units.map((unit) => at.context.append(tenant.tenantNo, unit)))
    return outcomes.map((outcome) => outcome.status === 'fulfilled' && outcome.value.kind === 'done')
  }
  const waitForBackend = async (statement: string, waitEvent: string): Promise<number> => {
    let pid: number | undefined
    await waitUntil(async () => {
      const { rows } = await plane.owner.query<{ pid: number }>(
        `select pid from pg_stat_activity
          where datname = current_database() and query like $1 and wait_event_type = $2 and pid <> pg_backend_pid()`,
        [`%${statement}%`, waitEvent],
      )
      pid = rows[0]?.pid
      return pid !== undefined
    }, DEADLINE_MS)
    assert.ok(pid !== undefined, `nobody waits in ${statement}`)
    return pid
  }

  it('cut between INSERT and COMMIT: 503, nothing stands, the retry writes it once', async () => {
    const tenant = await plane.newTenant()
    const cut = proxy.cutOnce({ at: 'COMMIT', when: 'before' })
    const failed = await emit(tenant, 'k')
    await cut
    assert.equal(failed.problem?.code, 'SERVICE_UNAVAILABLE')
    assert.equal(await rowCount(tenant), 0)
    const retried = await emit(tenant, 'k')
    assert.equal(retried.status, 201)
    assert.equal(retried.headers.get('idempotent-replayed'), null)
    assert.equal(await rowCount(tenant), 1)
  })

  for (const when of ['after', 'answered'] as const) {
    it(`cut ${when === 'after' ? 'while' : 'when'} COMMIT was answered: the answer is found out, the retry is a replay`, async () => {
      const tenant = await plane.newTenant()
      const cut = proxy.cutOnce({ at: 'COMMIT', when })
      const settled = await emit(tenant, 'k')
      await cut
      assert.equal(settled.status, 201)
      const retried = await emit(tenant, 'k')
      assert.equal(retried.headers.get('idempotent-replayed'), 'true')
      assert.equal(retried.data.recordId, settled.data.recordId)
      assert.equal(await rowCount(tenant), 1)
    })
  }

  it('a batch whose COMMIT is answered into the void is there once, whole, under its key', async () => {
    const tenant = await plane.newTenant()
    const reasons = Array.from({ length: 300 }, (_, index) => `item ${index}`)
    const cut = proxy.cutOnce({ at: 'COMMIT', when: 'answered' })
    const settled = await batch(tenant, 'k', reasons)
    await cut
    assert.equal(settled.data.totalQueued, 300)
    const retried = await batch(tenant, 'k', reasons)
    assert.equal(retried.headers.get('idempotent-replayed'), 'true')
    assert.deepEqual(retried.data, settled.data)
    assert.equal(await rowCount(tenant), 300)
  })

  it('as many lost answers at once as there are lanes: each is found out, nobody waits for another', async () => {
    const tenants = await Promise.all(Array.from({ length: 8 }, () => plane.newTenant()))
    const cuts = tenants.map(() => proxy.cutOnce({ at: 'COMMIT', when: 'answered' }))
    const answers = await Promise.all(tenants.map((tenant) => emit(tenant, 'k')))
    for (const answer of answers) assert.equal(answer.status, 201)
    await Promise.all(cuts)
    for (const tenant of tenants) assert.equal(await rowCount(tenant), 1)
  })

  it('a data error in one unit of a group fails that unit alone; its key is free again', async () => {
    const tenant = await plane.newTenant()
    await plane.owner.query(FAIL_BY_REASON)
    const units = [
      ...['a', 'b', 'fail 23514', 'c', 'fail 22003', 'd', 'e'].map((reason) => unitOf(tenant, [reason])),
      unitOf(tenant, ['x', 'fail 23514', 'y']),
      unitOf(tenant, ['x', 'y', 'z']),
    ]
    const isGood = units.map(
      (unit) => !unit.items.some((item) => 'reason' in item && item.reason.startsWith('fail')),
    )
    assert.deepEqual(await appendGroup(plane, tenant, units), isGood)
    assert.equal(await rowCount(tenant), 5 + 3)
    await plane.owner.query('drop trigger fail_by_reason on delta; drop function fail_by_reason')
    const retried = await Promise.all(units.map((unit) => plane.context.append(tenant.tenantNo, unit)))
    assert.deepEqual(
      retried.map((outcome) => outcome.kind === 'done' && outcome.replayed),
      isGood,
    )
    assert.equal(await rowCount(tenant), 7 + 6)
  })

  /** Appends `first`, and `next` while the first group's rows wait for their table: the next commit is prepared meanwhile. */
  const appendBehind = async (
    tenant: TestTenant,
    first: readonly AppendUnit[],
    next: readonly AppendUnit[],
  ) => {
    const stranger = await plane.owner.connect()
    await stranger.query('begin')
    await stranger.query('lock table delta in share mode')
    const append = (units: readonly AppendUnit[]) =>
      Promise.allSettled(units.map((unit) => plane.context.append(tenant.tenantNo, unit)))
    const firstOutcomes = append(first)
    await waitForBackend('with new_customer', 'Lock')
    const nextOutcomes = append(next)
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    await stranger.query('rollback')
    stranger.release()
    return [await firstOutcomes, await nextOutcomes] as const
  }
  const isDone = (outcome: PromiseSettledResult<UnitOutcome>) =>
    outcome.status === 'fulfilled' && outcome.value.kind === 'done'

  it('a data error with the next commit prepared behind it: only the culprit fails, the next goes on', async () => {
    const tenant = await plane.newTenant()
    await plane.owner.query(FAIL_BY_REASON)
    const first = ['a', 'fail 23514', 'b'].map((reason) => unitOf(tenant, [reason]))
    const next = ['c', 'd', 'fail 22003'].map((reason) => unitOf(tenant, [reason], 'cust_2'))
    const [firstOutcomes, nextOutcomes] = await appendBehind(tenant, first, next)
    await plane.owner.query('drop trigger fail_by_reason on delta; drop function fail_by_reason')
    assert.deepEqual(firstOutcomes.map(isDone), [true, false, true])
    assert.deepEqual(nextOutcomes.map(isDone), [true, true, false])
    assert.equal(await rowCount(tenant), 4)
  })

  it('a lost COMMIT with the next commit prepared behind it: both are written, once', async () => {
    const tenant = await plane.newTenant()
    const [first, next] = [unitOf(tenant, ['a']), unitOf(tenant, ['b'])]
    const cut = proxy.cutOnce({ at: 'COMMIT', when: 'answered' })
    const outcomes = await appendBehind(tenant, [first], [next])
    await cut
    assert.deepEqual(outcomes.flat().map(isDone), [true, true])
    assert.equal(await rowCount(tenant), 2)
  })

  it('R6 a COMMIT that hangs with the next commit prepared behind it: the next is refused in time, and not written', async () => {
    const tenant = await plane.newTenant()
    const lanes = createPool({
      url: proxy.through(store.database.url),
      applicationName: 'test',
      role: API_ROLE,
    })
    const parts = { lanes, laneCount: 1, fileAnchor: plane.worker.fileAnchor, onCommitted: () => {} }
    const { append } = createAppend({ ...plane.context, ...parts, waitMsMax: 300 })
    const [first, next] = [unitOf(tenant, ['a']), unitOf(tenant, ['b'])]
    const stranger = await plane.owner.connect()
    await stranger.query('begin')
    await stranger.query('lock table delta in share mode')
    const firstOutcome = append(tenant.tenantNo, first)
    await waitForBackend('with new_customer', 'Lock')
    const startMs = performance.now()
    const nextOutcome = append(tenant.tenantNo, next).then(
      () => assert.fail('it was answered as written'),
      (error: unknown) => (error instanceof Problem ? error.code : error),
    )
    await new Promise(setImmediate)
    await new Promise(setImmediate)
    proxy.setMode('stall')
    await stranger.query('rollback')
    stranger.release()
    assert.equal(await nextOutcome, 'SERVICE_UNAVAILABLE')
    assert.ok(performance.now() - startMs < 5_000, 'not by the bounds of the commit before it')
    proxy.setMode('forward')
    assert.equal((await firstOutcome).kind, 'done')
    assert.equal(await rowCount(tenant), 1)
    const retried = await append(tenant.tenantNo, next)
    assert.deepEqual([retried.kind === 'done' && retried.replayed, await rowCount(tenant)], [false, 2])
    await lanes.end()
  })

  it('a key that comes again while its first commit is in flight is a replay of it', async () => {
    const tenant = await plane.newTenant()
    const unit = unitOf(tenant, ['a'])
    const batchUnit = unitOf(tenant, ['x', 'y'])
    const outcomes = await appendBehind(tenant, [unit, batchUnit], [batchUnit, unit])
    const replays = outcomes
      .flat()
      .map((one) => one.status === 'fulfilled' && one.value.kind === 'done' && one.value.replayed)
    assert.deepEqual(replays, [false, false, true, true])
    assert.equal(await rowCount(tenant), 3)
  })

  it('a cancelled statement is 503 for its group, writes nothing, and keeps no key', async () => {
    const tenant = await plane.newTenant()
    const stranger = await plane.owner.connect()
    await stranger.query('begin')
    await stranger.query('lock table delta in share mode')
    const answers = Promise.all(['k1', 'k2'].map((key) => emit(tenant, key)))
    // One group or two: whatever waits for the table is cancelled until nobody does.
    let isDone = false
    void answers.finally(() => {
      isDone = true
    })
    await waitUntil(async () => {
      await plane.owner.query(
        `select pg_cancel_backend(pid) from pg_stat_activity
          where datname = current_database() and query like 'with new_customer%' and wait_event_type = 'Lock'`,
      )
      return isDone
    }, DEADLINE_MS)
    await stranger.query('rollback')
    stranger.release()
    for (const { problem } of await answers) assert.equal(problem?.code, 'SERVICE_UNAVAILABLE')
    assert.equal(await rowCount(tenant), 0)
    for (const key of ['k1', 'k2']) assert.equal((await emit(tenant, key)).status, 201)
    assert.equal(await rowCount(tenant), 2)
  })

  it('a backend that is ended between INSERT and COMMIT: 503, and the retry writes it once', async () => {
    const tenant = await plane.newTenant()
    const stranger = await plane.owner.connect()
    await stranger.query('begin')
    await stranger.query('lock table delta in share mode')
    const answer = emit(tenant, 'k')
    const pid = await waitForBackend('with new_customer', 'Lock')
    await plane.owner.query('select pg_terminate_backend($1)', [pid])
    const { problem } = await answer
    await stranger.query('rollback')
    stranger.release()
    assert.equal(problem?.code, 'SERVICE_UNAVAILABLE')
    assert.equal(await rowCount(tenant), 0)
    assert.equal((await emit(tenant, 'k')).status, 201)
    assert.equal(await rowCount(tenant), 1)
  })

  it('a damaged ledger of one customer refuses that customer alone', async () => {
    const tenant = await plane.newTenant()
    for (const customerId of ['cust_1', 'cust_2']) await emit(tenant, customerId, 'usage', customerId)
    const damage = (amount: string) =>
      plane.owner.query(
        `alter table delta disable trigger delta_append_only;
         update delta set amount = ${amount} where tenant_id = ${tenant.tenantNo} and log_index = 0;
         alter table delta enable trigger delta_append_only`,
      )
    await damage('15')
    // Another process: this one remembers the end of the ledger and has no need to read it.
    await using other = await startTestDataPlane('sandbox', { store })
    const units = ['cust_2', 'cust_1', 'cust_3'].map((id) => unitOf(tenant, ['again'], id))
    assert.deepEqual(await appendGroup(other, tenant, units), [true, false, true])
    await damage('1.5')
    assert.deepEqual(await appendGroup(other, tenant, units), [true, true, true])
    assert.equal(await rowCount(tenant), 5)
  })

  it('everything that stands is sound', () => plane.requireSound())
})
