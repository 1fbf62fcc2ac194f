import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as api from '@pacspace/api/definition/ledger'
import { mountVolume, type Volume, whyNoVolumes } from '@pacspace/testing/volume'
import {
  createTestStore,
  removeTestStore,
  startTestDataPlane,
  type TestDataPlane,
  type TestStore,
  type TestTenant,
} from '../testing/test-data-plane.ts'
import { confirm } from './confirm.ts'
import { integrate } from './integrate.ts'

const ROUNDS = 3
const EMITS = 10

describe('R7 P14 an anchor that cannot be written', { skip: whyNoVolumes() ?? false }, () => {
  let disk: Volume
  let store: TestStore
  let plane: TestDataPlane
  let tenant: TestTenant
  before(async () => {
    disk = await mountVolume({ sizeMiB: 8 })
    store = { ...(await createTestStore()), anchorDir: disk.path }
    plane = await startTestDataPlane('sandbox', { store })
    tenant = await plane.newTenant()
  })
  after(async () => {
    await plane[Symbol.asyncDispose]()
    await removeTestStore({ ...store, anchorDir: `${store.anchorDir}/nothing` })
    await disk[Symbol.asyncDispose]()
  })

  const emitMany = () =>
    Promise.all(
      Array.from({ length: EMITS }, () =>
        plane.client.succeed(api.emitDelta, {
          key: tenant.key,
          body: { customerId: 'cust_1', delta: 1, reason: 'usage' },
        }),
      ),
    )
  const statuses = async (recordIds: readonly string[]) => {
    const deltas = await Promise.all(
      recordIds.map((recordId) =>
        plane.client.succeed(api.getDelta, { key: tenant.key, params: { recordId } }),
      ),
    )
    return new Set(deltas.map(({ status }) => status))
  }

  const faults = {
    'because its disk is full': {
      begin: () => disk.fill(),
      end: () => disk.free(),
      code: 'ENOSPC',
    },
    'because its disk is read-only': {
      begin: () => disk.setReadOnly(true),
      end: () => disk.setReadOnly(false),
      code: 'EROFS',
    },
  }
  for (const [name, { begin, end, code }] of Object.entries(faults)) {
    it(`${name}: emits go on and wait for it, and it catches up`, async () => {
      const recordIds: string[] = []
      const [old] = await emitMany()
      assert.ok(old)
      await plane.verifyAll()
      await begin()
      for (let round = 0; round < ROUNDS; round++) {
        for (const { recordId } of await emitMany()) recordIds.push(recordId)
        assert.equal(await integrate(plane.worker, tenant.tenantNo), 'grown')
        await assert.rejects(confirm(plane.worker, tenant.tenantNo), { code })
        assert.deepEqual(await statuses(recordIds), new Set(['PROCESSING']))
      }
      const params = { recordId: old.recordId }
      const proved = await plane.client.succeed(api.getDelta, { key: tenant.key, params })
      assert.ok(proved.proof !== null, 'what was verified before has its proof')
      await end()
      await plane.verifyAll()
      assert.deepEqual(await statuses(recordIds), new Set(['VERIFIED']))
      await plane.requireSound()
    })
  }
})
