import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { type SeededRandom, seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import type { TestClient } from '@pacspace/testing/test-client'
import { type ApiProcess, type CrashRig, startCrashRig } from '../testing/crash-rig.ts'
import { BookkeepingClient, type EmitFate } from '../testing/fault-emits.ts'

const IN_FLIGHT = 1_000
const API_KILLS = 20
/** Emits that each round of API_KILLS has in flight. */
const IN_FLIGHT_PER_ROUND = 250
/** A kill comes after a random part of the round's emits was answered: the random moment, whatever the machine's speed. */
const ANSWERED_PART_MAX = 0.9
const VERIFIED_MS_MAX = 30_000
const ROUND_MS_MAX = 60_000

let rig: CrashRig
let api: ApiProcess
let random: SeededRandom
before(async () => {
  random = seededRandom(testSeed())
  rig = await startCrashRig()
  api = await rig.startApi()
  await rig.startWorker()
})
after(() => rig[Symbol.asyncDispose]())

/** Sends `count` emits at once and kills when a random part of them is answered. Gives the fates, once all are told. */
async function emitAndKill(
  client: BookkeepingClient,
  count: number,
  kill: () => Promise<void>,
): Promise<EmitFate[]> {
  const killAt = Math.floor(count * random.next() * ANSWERED_PART_MAX)
  let answered = 0
  const emits = Array.from({ length: count }, async () => {
    const fate = await client.emit(api.client)
    answered++
    return fate
  })
  assert.ok(
    await waitUntil(async () => answered >= killAt, ROUND_MS_MAX),
    `${answered} of ${killAt} answered`,
  )
  await kill()
  return Promise.all(emits)
}

/** What the client was told holds, before and after it has asked again for everything. */
async function requireConverged(client: BookkeepingClient, through: TestClient): Promise<number> {
  const unacked = await client.requireExactlyOnce(rig.owner)
  await client.retryAll(through)
  assert.equal(await client.requireExactlyOnce(rig.owner), 0)
  assert.equal(client.ackedCount, client.sentCount)
  await rig.verified(VERIFIED_MS_MAX)
  await rig.requireSound()
  return unacked
}

describe('what was acknowledged is there once, whatever is killed', () => {
  it(`R1 kill -9 of PostgreSQL with ${IN_FLIGHT} emits in flight`, async (t) => {
    t.diagnostic(`seed ${random.seed}`)
    const client = new BookkeepingClient(await rig.newTenant(api), random)
    const fates = await emitAndKill(client, IN_FLIGHT, () => rig.crashDatabase())
    // The api lives: it tells its clients that it does not know, or finds out when the database is back.
    assert.ok(!fates.includes('lost'), 'the api process did not answer')
    const unacked = await requireConverged(client, api.client)
    t.diagnostic(`acked ${fates.filter((fate) => fate === 'acked').length}, there unacked ${unacked}`)
  })

  it(`R2 kill -9 of the api process, ${API_KILLS} times`, async (t) => {
    t.diagnostic(`seed ${random.seed}`)
    const client = new BookkeepingClient(await rig.newTenant(api), random)
    let lost = 0
    for (let round = 0; round < API_KILLS; round++) {
      const fates = await emitAndKill(client, IN_FLIGHT_PER_ROUND, () => api.kill9())
      lost += fates.filter((fate) => fate === 'lost').length
      await api.restart()
      await client.requireExactlyOnce(rig.owner)
    }
    assert.ok(lost > 0, 'no emit was in flight at any kill')
    const unacked = await requireConverged(client, api.client)
    t.diagnostic(`sent ${client.sentCount}, lost ${lost}, of which there ${unacked}`)
  })
})
