import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { updatePreferences } from '@pacspace/api/definition/accounts'
import type { Environment } from '@pacspace/api/environment'
import { Problem } from '@pacspace/api/problem'
import type { UserPrincipal } from '@pacspace/service/implement'
import { TestControlPlane } from '../testing/test-control-plane.ts'
import { requestedEnvironment } from './requested-environment.ts'

let plane: TestControlPlane
const principals = new Map<Environment, UserPrincipal>()
before(async () => {
  plane = await TestControlPlane.start()
  for (const preferredEnvironment of ['sandbox', 'production'] as const) {
    const { userId, tenantId, token } = await plane.account()
    await plane.client.succeed(updatePreferences, { token, body: { preferredEnvironment } })
    const principal = {
      kind: 'user',
      userId,
      tenantId,
      role: 'viewer',
      isVerified: true,
      sessionId: '',
    } as const
    principals.set(preferredEnvironment, principal)
  }
})
after(() => plane[Symbol.asyncDispose]())

function environmentFor(preferred: Environment, headers: Readonly<Record<string, string>>) {
  const principal = principals.get(preferred) ?? assert.fail(preferred)
  return requestedEnvironment(plane.context.db, { principal, request: { headers } })
}

/** What a request may carry, strongest first: what names each environment, and what names none. */
const SOURCES = [
  { header: 'x-environment', sandbox: 'sandbox', production: 'production', none: 'testnet' },
  { header: 'x-chain-id', sandbox: '296', production: '295', none: '1' },
  { header: 'x-api-key', sandbox: 'pk_test_x', production: 'pk_live_x', none: 'sk_test_x' },
] as const

describe('the environment of a request', () => {
  for (const meant of ['sandbox', 'production'] as const) {
    const other = meant === 'sandbox' ? 'production' : 'sandbox'

    test(`${meant} by preference, where nothing else says`, async () => {
      assert.equal(await environmentFor(meant, {}), meant)
    })

    for (const [rank, { header, [meant]: value }] of SOURCES.entries()) {
      test(`${meant} by ${header}, whatever weaker sources say`, async () => {
        const weaker = SOURCES.slice(rank + 1)
        const others = Object.fromEntries(weaker.map((source) => [source.header, source[other]]))
        const broken = Object.fromEntries(weaker.map((source) => [source.header, source.none]))
        assert.equal(await environmentFor(other, { [header]: value }), meant)
        assert.equal(await environmentFor(other, { ...others, [header]: value }), meant)
        assert.equal(await environmentFor(other, { ...broken, [header]: value }), meant)
      })
    }
  }

  for (const [rank, { header, none }] of SOURCES.entries()) {
    test(`is refused where ${header} names none, though weaker sources do`, async () => {
      const weaker = SOURCES.slice(rank + 1).map((source) => [source.header, source.sandbox])
      for (const value of [none, '']) {
        await assert.rejects(
          environmentFor('sandbox', { ...Object.fromEntries(weaker), [header]: value }),
          (error) => error instanceof Problem && error.code === 'VALIDATION_ERROR',
        )
      }
    })
  }
})
