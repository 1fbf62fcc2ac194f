import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { getMe, resendVerificationEmail, verifyEmail } from '@pacspace/api/definition/accounts'
import { TestControlPlane } from '../testing/test-control-plane.ts'

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())

const DAY_MS = 24 * 60 * 60 * 1000

describe('success', () => {
  test('A-11 the mailed token verifies its user, and nobody else', async () => {
    const [user, other] = [
      await plane.account({ isVerified: false }),
      await plane.account({ isVerified: false }),
    ]
    const answer = await plane.client.call(verifyEmail, { query: { token: plane.mailedToken(user.email) } })
    assert.equal(answer.message, 'Email verified successfully.')
    assert.equal((await plane.client.succeed(getMe, { token: user.token })).isVerified, true)
    assert.equal((await plane.client.succeed(getMe, { token: other.token })).isVerified, false)
  })

  test('A-11 each of two mails verifies until the first does', async () => {
    const user = await plane.account({ isVerified: false })
    const first = plane.mailedToken(user.email)
    await plane.client.succeed(resendVerificationEmail, { body: { email: user.email } })
    await plane.runJobs()
    assert.notEqual(plane.mailedToken(user.email), first)
    await plane.client.succeed(verifyEmail, { query: { token: first } })
  })

  test('A-11 the token is 256 random bits and the database holds no copy of it', async () => {
    const user = await plane.account({ isVerified: false })
    const token = plane.mailedToken(user.email)
    assert.equal(Buffer.from(token, 'base64url').length, 32)
    const everything = await plane.owner.query<{ text: string }>(
      `select j::text as text from graphile_worker._private_jobs j
       union all select m::text from mail m union all select v::text from email_verification v`,
    )
    assert.equal(
      everything.rows.some(({ text }) => text.includes(token)),
      false,
    )
  })
})

describe('INVALID_VERIFICATION_TOKEN', () => {
  test('A-11 a spent token is refused; of twenty simultaneous uses one succeeds', async () => {
    const user = await plane.account({ isVerified: false })
    const query = { token: plane.mailedToken(user.email) }
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => plane.client.call(verifyEmail, { query })),
    )
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    await plane.client.refuse(verifyEmail, 'INVALID_VERIFICATION_TOKEN', { query })
  })

  test('A-11 a token lasts for 24 hours and not for a millisecond more', async () => {
    const [punctual, late] = [
      await plane.account({ isVerified: false }),
      await plane.account({ isVerified: false }),
    ]
    plane.clock.advance(DAY_MS - 1)
    await plane.client.succeed(verifyEmail, { query: { token: plane.mailedToken(punctual.email) } })
    plane.clock.advance(1)
    await plane.client.refuse(verifyEmail, 'INVALID_VERIFICATION_TOKEN', {
      query: { token: plane.mailedToken(late.email) },
    })
    assert.equal(await plane.count('tenant_user', 'id = $1 and verified_at is null', [late.userId]), 1)
  })

  test('a token that was never mailed is refused', async () => {
    const query = { token: Buffer.alloc(32, 1).toString('base64url') }
    await plane.client.refuse(verifyEmail, 'INVALID_VERIFICATION_TOKEN', { query })
  })
})

test('VALIDATION_ERROR without a token, and with one that is too long to be ours', async () => {
  await plane.client.refuse(verifyEmail, 'VALIDATION_ERROR')
  await plane.client.refuse(verifyEmail, 'VALIDATION_ERROR', { query: { token: 'x'.repeat(257) } })
})
