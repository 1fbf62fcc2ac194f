import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TestControlPlane } from '../testing/test-control-plane.ts'
import { addressRule, checkThrottle, countAttempt, recipientRule, sweepThrottle } from './throttle.ts'

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())

test('attempts that many processes count at once are all counted', async () => {
  const { db, clock } = plane.context
  // The two rules in either order: no deadlock.
  const [a, b] = [recipientRule('a@example.com'), addressRule('192.0.2.1')]
  await Promise.all(
    Array.from({ length: 40 }, (_, i) => countAttempt(db, clock, i % 2 === 0 ? [a, b] : [b, a])),
  )
  assert.equal(await plane.count('throttle', 'attempts = 40'), 2)
  await assert.rejects(checkThrottle(db, clock, [a]), { code: 'RATE_LIMITED' })
})

test('a count is forgotten after an hour of rest, and swept', async () => {
  const { db, clock } = plane.context
  const rule = recipientRule('b@example.com')
  for (let i = 0; i < 12; i++) await countAttempt(db, clock, [rule])
  plane.clock.advance(60 * 60 * 1000 - 1)
  await sweepThrottle(db, clock)
  assert.equal(await plane.count('throttle', 'key = $1', [rule.key]), 1)
  plane.clock.advance(1)
  await checkThrottle(db, clock, [rule])
  await countAttempt(db, clock, [rule])
  assert.equal(await plane.count('throttle', 'key = $1 and attempts = 1', [rule.key]), 1)
  plane.clock.advance(60 * 60 * 1000 + 1)
  await sweepThrottle(db, clock)
  assert.equal(await plane.count('throttle'), 0)
})

test('what is counted cannot be read from the table', async () => {
  const { db, clock } = plane.context
  await countAttempt(db, clock, [recipientRule('c@example.com'), addressRule('203.0.113.77')])
  const { rows } = await plane.owner.query<{ text: string }>('select t::text as text from throttle t')
  for (const { text } of rows) assert.doesNotMatch(text, /example|203/)
})
