import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { resendVerificationEmail } from '@pacspace/api/definition/accounts'
import { TestControlPlane } from '../testing/test-control-plane.ts'

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())

describe('success', () => {
  test('A-3 a waiting, a verified and an unknown address get the same answer; only the first gets a mail', async () => {
    const waiting = await plane.account({ isVerified: false })
    const verified = await plane.account()
    const mails = plane.mails.length
    const answers = []
    for (const email of [waiting.email.toUpperCase(), verified.email, 'nobody@example.com']) {
      const { status, text, headers } = await plane.client.call(resendVerificationEmail, { body: { email } })
      answers.push(JSON.stringify([status, text, [...headers.keys()]]))
    }
    assert.equal(new Set(answers).size, 1)
    await plane.runJobs()
    assert.deepEqual(
      plane.mails.slice(mails).map(({ to }) => to),
      [waiting.email],
    )
  })

  test('a mail that became pointless before it went out is not sent', async () => {
    const user = await plane.account({ isVerified: false })
    const mails = plane.mails.length
    await plane.client.succeed(resendVerificationEmail, { body: { email: user.email } })
    await plane.owner.query('update tenant_user set verified_at = created_at where id = $1', [user.userId])
    await plane.runJobs()
    assert.equal(plane.mails.length, mails)
    assert.equal(await plane.count('mail', 'sent_at is null'), 0)
  })
})

test('RATE_LIMITED comes after ten attempts, for a known and an unknown address alike', async () => {
  const user = await plane.account({ isVerified: false })
  const counted: number[] = []
  for (const email of [user.email, 'nobody-else@example.com']) {
    let accepted = 0
    while ((await plane.client.call(resendVerificationEmail, { body: { email } })).status === 200) accepted++
    await plane.client.refuse(resendVerificationEmail, 'RATE_LIMITED', { body: { email } })
    counted.push(accepted)
  }
  // Registering counted once for the account: it had a mail sent as well.
  assert.deepEqual(counted, [9, 10])
})

test('VALIDATION_ERROR names /email for what is no address', async () => {
  const problem = await plane.client.refuse(resendVerificationEmail, 'VALIDATION_ERROR', {
    body: { email: 'jane@' },
  })
  assert.equal(problem.details[0]?.path, '/email')
})
