import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { controlPlaneEndpoints } from '@pacspace/api/endpoints'
import { fuzzedCall } from '@pacspace/testing/schema-fuzz'
import { seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import { TestControlPlane, type TestUser } from './testing/test-control-plane.ts'

/** Beside the 10,000 of the data plane: some of these hash a password, which takes its time. */
const CALLS = 2_500
const AT_ONCE = 8
const KNOWN_MAX = 200
const LIMIT_FORGETS_MS = 20 * 60 * 1_000

const random = seededRandom(testSeed())
/** What a plane answers is fuzzed at the plane; the small planes of these tests keep no ledger. */
const endpoints = controlPlaneEndpoints.filter(
  ({ path }) =>
    !/^\/dashboard\/(customers|deltas|checkpoints|webhooks|compare|verification|ledger)/.test(path),
)

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())

describe('K21 calls made by the schemas of the Dashboard API, good and bad', () => {
  it(`are answered as declared, ${CALLS} times, never with a 5xx`, async (t) => {
    t.diagnostic(`seed ${random.seed}`)
    const known = ['jane@example.com', 'sandbox', 'production']
    const statuses = new Map<number, number>()
    let left = CALLS
    // One after the other: each runs the jobs of all.
    let accounts: Promise<unknown> = Promise.resolve()
    const newAccount = (): Promise<TestUser> => {
      const account = accounts.then(() => {
        // Log-ins of one address are limited, and what is fuzzed uses them up.
        plane.clock.advance(LIMIT_FORGETS_MS)
        return plane.account()
      })
      accounts = account.catch(() => {})
      return account
    }
    const caller = async () => {
      let user = await newAccount()
      while (left-- > 0) {
        const endpoint = random.pick(endpoints)
        const call = fuzzedCall(endpoint, { random, known })
        // The client holds every answer against its definition.
        const { status, text, problem } = await plane.client.call(endpoint, { ...call, token: user.token })
        assert.ok(status < 500, `${endpoint.id} ${JSON.stringify(call)} answered ${status} ${text}`)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        // It signed out, or changed what ends a session.
        if (problem?.code === 'INVALID_TOKEN' || problem?.code === 'TOKEN_EXPIRED') user = await newAccount()
        for (const [word] of text.matchAll(
          /(?<=")(key|usr|tnt|ctr|inv|wh|dlv|evt|rec|0x)_?[0-9a-zA-Z]{1,64}(?=")/g,
        )) {
          if (known.length < KNOWN_MAX) known.push(word)
          else known[3 + random.integer(KNOWN_MAX - 3)] = word
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, caller))
    t.diagnostic(JSON.stringify(Object.fromEntries(statuses)))
    for (const status of [200, 400, 404]) assert.ok((statuses.get(status) ?? 0) > 50, `few ${status}`)
  })
})
