import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { register, verifyEmail } from '@pacspace/api/definition/accounts'
import { timestampOf } from '@pacspace/api/timestamp'
import { randomBytes } from '@pacspace/service/random'
import { reconcile } from '../reconcile.ts'
import { registration, TestControlPlane } from '../testing/test-control-plane.ts'
import { addressTakenMail, verifyEmailMail } from './account-mails.ts'
import { mailboxTransport } from './mailbox.ts'

let plane: TestControlPlane
before(async () => {
  plane = await TestControlPlane.start()
})
after(() => plane[Symbol.asyncDispose]())

const MINUTE_MS = 60 * 1000

describe('a mail that could not be sent', () => {
  test('is sent when the mail server is back, with a link that works', async () => {
    const email = 'late@example.com'
    plane.mailFailure = new Error('connection refused')
    await plane.client.succeed(register, { body: registration({ email }) })
    await plane.runJobs()
    assert.equal(plane.mails.length, 0)
    plane.mailFailure = undefined
    plane.clock.advance(2 * MINUTE_MS)
    await reconcile(plane.context, { provisioningsOlderThanMs: 0 })
    await plane.runJobs()
    assert.deepEqual(
      plane.mails.map(({ to }) => to),
      [email],
    )
    await plane.client.succeed(verifyEmail, { query: { token: plane.mailedToken(email) } })
    assert.equal(await plane.count('mail', 'sent_at is null'), 0)
  })

  test('is tried more and more rarely, and given up after three days', async () => {
    plane.mailFailure = new Error('mailbox full')
    await plane.client.succeed(register, { body: registration({ email: 'full@example.com' }) })
    await plane.runJobs()
    const triesAfterMinutes: number[] = []
    let tries = 0
    for (let minute = 0; minute < 4 * 24 * 60; minute++) {
      if (minute < 70 || minute % 60 === 0) {
        await plane.owner.query('delete from graphile_worker._private_jobs')
        await reconcile(plane.context, { provisioningsOlderThanMs: Number.MAX_SAFE_INTEGER / 1e6 })
        if ((await plane.count('graphile_worker._private_jobs', `key like 'send_mail:%'`)) > 0) {
          await plane.runJobs()
          tries += 1
          triesAfterMinutes.push(minute)
        }
      }
      plane.clock.advance(MINUTE_MS)
    }
    plane.mailFailure = undefined
    assert.deepEqual(triesAfterMinutes.slice(0, 5), [2, 4, 8, 16, 32])
    assert.ok(tries < 20, `${tries} tries`)
    assert.ok((triesAfterMinutes.at(-1) ?? 0) <= 3 * 24 * 60)
  })
})

describe('the local mailbox', () => {
  test('keeps each mail as one whole file whose name sorts by time, for its owner’s eyes', async (t) => {
    const folder = join(await mkdtemp(join(tmpdir(), 'mailbox-')), 'mailbox')
    t.after(() => rm(join(folder, '..'), { recursive: true }))
    const send = mailboxTransport(folder, randomBytes)
    const mails = [1, 2, 3].map((n) => ({
      to: 'jane@example.com',
      subject: `Mail ${n}`,
      text: 'Hello',
      html: '<p>Hello</p>',
      links: [`https://pacspace.test/${n}`],
      createdAt: timestampOf(1_768_478_400_000 + n),
    }))
    await Promise.all(mails.toReversed().map(send))
    const names = (await readdir(folder)).sort()
    assert.equal(names.length, 3)
    for (const name of names) assert.match(name, /^\d{13}-[0-9a-f]{16}\.json$/)
    const read = await Promise.all(
      names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))),
    )
    assert.deepEqual(read, mails)
    assert.equal((await stat(join(folder, names[0] ?? ''))).mode & 0o777, 0o600)
  })
})

describe('K12 a name that a stranger typed', () => {
  test('is repeated only if it can be nothing but a name', () => {
    const greet = (firstName: string) =>
      addressTakenMail({ firstName, publicUrl: 'https://p.test' }).text.split('\n')[0]
    assert.equal(greet('Zoë-Anne O’Neil'), 'Hello Zoë-Anne O’Neil,')
    for (const name of ['evil.example', 'a\r\nBcc: b@c', '<b>Jane</b>', 'see http://x', 'x'.repeat(51)]) {
      assert.equal(greet(name), 'Hello,')
    }
  })

  test('A-9 links start with the configured address', () => {
    const { links } = verifyEmailMail({ firstName: 'Jane', token: 'abc', publicUrl: 'https://p.test/app' })
    assert.deepEqual(links, ['https://p.test/app/verify-email?token=abc'])
  })
})
