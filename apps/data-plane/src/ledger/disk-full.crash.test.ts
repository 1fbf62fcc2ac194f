import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as api from '@pacspace/api/definition/ledger'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import type { TestClient } from '@pacspace/testing/test-client'
import { mountVolume, type Volume, whyNoVolumes } from '@pacspace/testing/volume'
import { type ApiProcess, type CrashRig, type CrashTenant, startCrashRig } from '../testing/crash-rig.ts'
import { BookkeepingClient, type Load } from '../testing/fault-emits.ts'

const IN_FLIGHT = 20
/** Answers that must be refusals before there is space again, beyond the first of every lane. */
const REFUSALS = 100
const BATCH_ITEMS = 40
const DISK_MIB = 300
const LOAD_MS_MAX = 60_000
const BACK_MS_MAX = 60_000

describe('R7 the disk of database and anchor is full in the middle of load', {
  skip: whyNoVolumes() ?? false,
}, () => {
  let disk: Volume
  let rig: CrashRig
  let apiProcess: ApiProcess
  const random = seededRandom(testSeed())
  before(async () => {
    disk = await mountVolume({ sizeMiB: DISK_MIB })
    rig = await startCrashRig({ folder: disk.path, settings: { max_wal_size: '64MB', min_wal_size: '48MB' } })
    ;[apiProcess] = await Promise.all([rig.startApi(), rig.startWorker()])
  })
  after(async () => {
    await rig[Symbol.asyncDispose]()
    await disk[Symbol.asyncDispose]()
  })

  it('503 and nothing in part; with space again it goes on, without a restart of its own', async (t) => {
    t.diagnostic(`seed ${random.seed}`)
    const client = new BookkeepingClient(await rig.newTenant(apiProcess), random)
    const batches = new BatchBooks(await rig.newTenant(apiProcess))
    const clientOf = () => apiProcess.client
    const load = await client.load({ clientOf, inFlight: IN_FLIGHT, again: true }, async (soFar) => {
      let isOver = false
      const sending = (async () => {
        while (!isOver) await batches.send(clientOf())
      })()
      await fillAndFree(soFar, batches).finally(() => {
        isOver = true
      })
      await sending
    })
    t.diagnostic(`${JSON.stringify(load)}, batches ${batches.count}, refused ${batches.refused}`)
    assert.equal(load.lost, 0)
    await client.requireExactlyOnce(rig.owner)
    await batches.requireWhole(rig)
    await client.retry(apiProcess.client)
    await batches.retry(apiProcess.client)
    assert.equal(await client.requireExactlyOnce(rig.owner), 0)
    await rig.verified(BACK_MS_MAX)
    await rig.requireSound()
  })

  async function fillAndFree(load: Load, batches: BatchBooks): Promise<void> {
    const reaches = async (what: string, timeoutMs: number, condition: () => boolean) =>
      assert.ok(await waitUntil(condition, timeoutMs), `not in ${timeoutMs} ms: ${what}`)
    await reaches('load', LOAD_MS_MAX, () => load.acked >= 100 && batches.count > 1)
    await disk.fill()
    await reaches(
      'every lane is refused',
      LOAD_MS_MAX,
      () => load.refused >= IN_FLIGHT && batches.refused > 0,
    )
    const refused = load.refused + REFUSALS
    await reaches('refusals go on', LOAD_MS_MAX, () => load.refused >= refused)
    await disk.free()
    // A server that could write no log has ended; whoever runs it starts it again. One that runs is left alone.
    await rig.startDatabase()
    const { acked } = load
    await reaches('emits are acknowledged again', BACK_MS_MAX, () => load.acked > acked)
  }
})

/** Sends batches of a tenant under keys, one after the other, and holds them against the database. */
class BatchBooks {
  readonly #tenant: CrashTenant
  readonly #acked: boolean[] = []
  refused = 0

  constructor(tenant: CrashTenant) {
    this.#tenant = tenant
  }

  get count(): number {
    return this.#acked.length
  }

  async send(client: TestClient): Promise<void> {
    const number = this.#acked.push(false) - 1
    await this.#attempt(client, number)
  }

  async retry(client: TestClient): Promise<void> {
    for (let number = 0; number < this.count; number++) await this.#attempt(client, number)
    assert.ok(this.#acked.every(Boolean))
  }

  /** Each batch is there whole or not at all, and those that were acknowledged are there. */
  async requireWhole(rig: CrashRig): Promise<void> {
    const { rows } = await rig.owner.query<{ reason: string; count: number }>(
      'select reason, count(*)::int as count from delta where tenant_id = $1 group by reason',
      [this.#tenant.tenantNo],
    )
    const countOf = new Map(rows.map(({ reason, count }) => [reason, count]))
    for (const [number, isAcked] of this.#acked.entries()) {
      const count = countOf.get(`batch ${number}`) ?? 0
      assert.ok(count === BATCH_ITEMS || (count === 0 && !isAcked), `batch ${number} has ${count} rows`)
    }
  }

  async #attempt(client: TestClient, number: number): Promise<void> {
    const reason = `batch ${number}`
    const deltas = Array.from({ length: BATCH_ITEMS }, (_, index) => ({
      customerId: `cust_${index}`,
      delta: index + 1,
      reason,
      metadata: { text: 'x'.repeat(1_000) },
    }))
    const { problem, text } = await client.call(api.emitBatch, {
      key: this.#tenant.key,
      headers: { 'idempotency-key': reason },
      body: { deltas },
    })
    if (problem === undefined) this.#acked[number] = true
    else {
      assert.equal(problem.code, 'SERVICE_UNAVAILABLE', text)
      this.refused++
    }
  }
}
