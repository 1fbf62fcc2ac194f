import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { dataPlaneEndpoints } from '@pacspace/api/endpoints'
import { fuzzedCall } from '@pacspace/testing/schema-fuzz'
import { seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import type { TestCall } from '@pacspace/testing/test-client'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from './testing/test-data-plane.ts'

/** What K21 asks for. */
const CALLS = 10_000
const AT_ONCE = 16
/** Words that answers may teach: the next calls ask about them. */
const KNOWN_MAX = 200

const random = seededRandom(testSeed())
/** Streams are left out: they answer for ever. */
const endpoints = dataPlaneEndpoints.filter(({ id }) => id !== 'streamDeltas' && id !== 'listenEvents')

let plane: TestDataPlane
let tenant: TestTenant
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
})
after(() => plane[Symbol.asyncDispose]())

describe('K21 calls made by the schemas of the Balance API, good and bad', () => {
  it(`are answered as declared, ${CALLS} times, never with a 5xx`, async (t) => {
    t.diagnostic(`seed ${random.seed}`)
    const known = ['cust_1', 'ref_1', 'usage', tenant.tenantId]
    const statuses = new Map<number, number>()
    let left = CALLS
    const caller = async () => {
      while (left-- > 0) {
        const endpoint = random.pick(endpoints)
        const call = withoutWaiting(fuzzedCall(endpoint, { random, known }))
        const withKey = random.next() < 0.97 ? { key: tenant.key } : {}
        // The client holds every answer against its definition.
        const { status, text } = await plane.client.call(endpoint, { ...call, ...withKey })
        assert.ok(status < 500, `${endpoint.id} ${JSON.stringify(call)} answered ${status} ${text}`)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        for (const [word] of text.matchAll(/(?<=")(rec|fct|cp|evt|dlv|a|0x)_?[0-9a-zA-Z]{1,64}(?=")/g)) {
          if (known.length < KNOWN_MAX) known.push(word)
          else known[4 + random.integer(KNOWN_MAX - 4)] = word
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, caller))
    t.diagnostic(JSON.stringify(Object.fromEntries(statuses)))
    for (const status of [200, 201, 400, 401, 404])
      assert.ok((statuses.get(status) ?? 0) > 50, `few ${status}`)
  })

  it('leave everything sound', () => plane.requireSound())
})

/** No worker runs while they are made: a call that waits for one would only wait. */
function withoutWaiting({ query, ...call }: TestCall): TestCall {
  const { wait: _wait, ...others } = query ?? {}
  return { ...call, query: others }
}
