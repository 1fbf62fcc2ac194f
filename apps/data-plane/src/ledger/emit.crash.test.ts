import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { type SeededRandom, seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import { type ApiProcess, type CrashRig, startCrashRig } from '../testing/crash-rig.ts'
import { BookkeepingClient, type Load } from '../testing/fault-emits.ts'

const IN_FLIGHT = 1_000
const API_KILLS = 20
const IN_FLIGHT_PER_ROUND = 50
const VERIFIED_MS_MAX = 30_000
const LOAD_MS_MAX = 60_000

let rig: CrashRig
let random: SeededRandom
before(async () => {
  random = seededRandom(testSeed())
  rig = await startCrashRig()
  await rig.startWorker()
})
after(() => rig[Symbol.asyncDispose]())

/** Resolves when a random number of a load's emits is acknowledged: a random moment, whatever the machine's speed. */
async function randomMoment(load: Load, ackedMax: number): Promise<void> {
  const acked = 1 + random.integer(ackedMax)
  const isReached = await waitUntil(() => load.acked >= acked, LOAD_MS_MAX)
  assert.ok(isReached, `${load.acked} of ${acked} acknowledged`)
}

/** What the client was told holds, before and after it has asked again. */
async function requireConverged(client: BookkeepingClient, api: ApiProcess): Promise<number> {
  const unacked = await client.requireExactlyOnce(rig.owner)
  await client.retry(api.client)
  assert.equal(await client.requireExactlyOnce(rig.owner), 0)
  assert.equal(client.ackedCount, client.sentCount)
  await rig.verified(VERIFIED_MS_MAX)
  await rig.requireSound()
  return unacked
}

describe('what was acknowledged is there once, whatever is killed', () => {
  it(`R1 kill -9 of PostgreSQL with ${IN_FLIGHT} emits in flight`, async (t) => {
    t.diagnostic(`seed ${random.seed}`)
    const api = await rig.startApi()
    const client = new BookkeepingClient(await rig.newTenant(api), random)
    const load = await client.load({ clientOf: () => api.client, inFlight: IN_FLIGHT }, async (soFar) => {
      await randomMoment(soFar, IN_FLIGHT)
      await rig.crashDatabase()
    })
    // The api lives: it tells its clients that it does not know, or finds out when the database is back.
    assert.equal(load.lost, 0, 'the api process did not answer')
    assert.ok(load.refused > 0, 'nothing was in flight')
    const unacked = await requireConverged(client, api)
    t.diagnostic(`${JSON.stringify(load)}, there unacked ${unacked}`)
    await api.kill9()
  })

  it(`R2 kill -9 of the api process, ${API_KILLS} times`, async (t) => {
    t.diagnostic(`seed ${random.seed}`)
    let api = await rig.startApi()
    const client = new BookkeepingClient(await rig.newTenant(api), random)
    let lost = 0
    for (let round = 0; round < API_KILLS; round++) {
      // The next process starts while this one is under load and is killed: a start is most of a round.
      const next = rig.startApi()
      const options = { clientOf: () => api.client, inFlight: IN_FLIGHT_PER_ROUND }
      const load = await client.load(options, async (soFar) => {
        await randomMoment(soFar, 2 * IN_FLIGHT_PER_ROUND)
        await api.kill9()
      })
      lost += load.lost
      api = await next
      await client.requireExactlyOnce(rig.owner)
    }
    assert.ok(lost > 0, 'no emit was in flight at any kill')
    const unacked = await requireConverged(client, api)
    t.diagnostic(`sent ${client.sentCount}, lost ${lost}, of which there ${unacked}`)
  })
})
