import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import { type ApiProcess, type CrashRig, type CrashTenant, startCrashRig } from '../testing/crash-rig.ts'
import { BookkeepingClient } from '../testing/fault-emits.ts'
import { workerSteps } from './context.ts'

const DYING_WORKER = 'apps/data-plane/src/testing/dying-worker.ts'
const EMITS = 40
/** R3: nothing may be left PROCESSING for longer after the restart. */
const VERIFIED_MS_MAX = 30_000
const DEATH_MS_MAX = 60_000

const random = seededRandom(testSeed())
let rig: CrashRig
let api: ApiProcess
let tenant: CrashTenant
let client: BookkeepingClient
before(async () => {
  rig = await startCrashRig()
  api = await rig.startApi()
  const worker = await rig.startWorker()
  tenant = await rig.newTenant(api)
  await worker.kill9()
  client = new BookkeepingClient(tenant, random)
})
after(() => rig[Symbol.asyncDispose]())

describe('R3 a worker that is killed', () => {
  for (const step of workerSteps) {
    it(`at '${step}': the next one goes on, and every size has one root`, async (t) => {
      t.diagnostic(`seed ${random.seed}`)
      const dying = await rig.startWorker({ main: DYING_WORKER, env: { DIE_AT_STEP: step } })
      const fates = await Promise.all(Array.from({ length: EMITS }, () => client.emit(api.client)))
      assert.deepEqual(new Set(fates), new Set(['acked']))
      assert.ok(await waitUntil(async () => dying.isGone, DEATH_MS_MAX), `it lived past '${step}'`)
      const before = await notes()
      const next = await rig.startWorker()
      await rig.verified(VERIFIED_MS_MAX)
      for (const [size, note] of before) assert.equal((await notes()).get(size), note)
      await rig.requireSound()
      assert.equal(await client.requireExactlyOnce(rig.owner), 0)
      await next.kill9()
    })
  }
})

/** Signed heads by size. */
async function notes(): Promise<ReadonlyMap<number, string>> {
  const { rows } = await rig.owner.query<{ size: number; note: string }>(
    'select size, note from log_note where tenant_id = $1',
    [tenant.tenantNo],
  )
  return new Map(rows.map(({ size, note }) => [size, note]))
}
