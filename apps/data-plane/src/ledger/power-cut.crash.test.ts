import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import { mountVolume, type Volume, whyNoVolumes } from '@pacspace/testing/volume'
import { type ApiProcess, type CrashRig, startCrashRig } from '../testing/crash-rig.ts'
import { BookkeepingClient } from '../testing/fault-emits.ts'

const IN_FLIGHT = 100
/** The power fails after so many acknowledgements at most. */
const ACKED_MAX = 800
const LOAD_MS_MAX = 30_000
const VERIFIED_MS_MAX = 30_000
const DISK_MIB = 400
/** So that the disk may be small. */
const settings = { max_wal_size: '64MB', min_wal_size: '48MB' }
const random = seededRandom(testSeed())

/** Starts a plane on a disk, and holds what it finds there to a client's books. */
async function startOn(
  rig: CrashRig,
  client: BookkeepingClient | undefined,
  t: TestContext,
): Promise<ApiProcess> {
  if (client !== undefined) {
    const unacked = await client.requireExactlyOnce(rig.owner)
    t.diagnostic(`acked ${client.ackedCount} of ${client.sentCount}, there unacked ${unacked}`)
    await rig.requireSound()
  }
  const [api] = await Promise.all([rig.startApi(), rig.startWorker()])
  await client?.retry(api.client)
  await rig.verified(VERIFIED_MS_MAX)
  await rig.requireSound()
  return api
}

/** Runs a plane under load until the power fails; gives the disk as it is then. */
async function runUntilPowerCut(disk: Volume, t: TestContext, known?: BookkeepingClient) {
  await using rig = await startCrashRig({ folder: disk.path, settings })
  const api = await startOn(rig, known, t)
  const client = known ?? new BookkeepingClient(await rig.newTenant(api), random)
  let after: Volume | undefined
  await client.load({ clientOf: () => api.client, inFlight: IN_FLIGHT }, async (load) => {
    const acked = 1 + random.integer(ACKED_MAX)
    assert.ok(await waitUntil(() => load.acked >= acked, LOAD_MS_MAX), 'emits are acknowledged')
    await rig.freeze()
    after = await disk.copyAfterPowerCut()
    await rig.killAll()
  })
  return { client, disk: after ?? assert.fail('the power failed') }
}

describe('R5 the power fails in the middle of load', { skip: whyNoVolumes() ?? false }, () => {
  it('twice: every acknowledged delta and every verified head is on the disk', async (t) => {
    t.diagnostic(`seed ${random.seed}`)
    await using disk = await mountVolume({ sizeMiB: DISK_MIB })
    const once = await runUntilPowerCut(disk, t)
    await using diskAfter = once.disk
    const twice = await runUntilPowerCut(diskAfter, t, once.client)
    await using lastDisk = twice.disk
    await using rig = await startCrashRig({ folder: lastDisk.path, settings })
    await startOn(rig, twice.client, t)
  })
})
