import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { login, register, resendVerificationEmail } from '@pacspace/api/definition/accounts'
import { requestPasswordReset } from '@pacspace/api/definition/passwords'
import type { EndpointShape } from '@pacspace/api/endpoint'
import type { HttpService } from '@pacspace/service/http'
import { type Connection, Pool, type Rows, type Statement } from '@pacspace/service/postgres'
import { type TestClient, testClient } from '@pacspace/testing/test-client'
import { createControlPlane, SERVICE_ROLE } from '../control-plane.ts'
import { registration, TestControlPlane } from '../testing/test-control-plane.ts'
import { createHashQueue, type HashQueue } from './hash-queue.ts'

/** What an answer cost, in the order in which it was asked for: statements, commits, hashes. */
let work: string[] = []

/** A pool that notes each statement. */
class NotingPool extends Pool {
  override async connect(): Promise<Connection> {
    const connection = await super.connect()
    const query = connection.query.bind(connection)
    connection.query = <Row>(statement: Statement, values?: readonly unknown[]): Promise<Rows<Row>> => {
      work.push(textOf(statement))
      return query<Row>(statement, values)
    }
    const commit = connection.commit.bind(connection)
    connection.commit = () => {
      work.push('commit')
      return commit()
    }
    return connection
  }
}

function textOf(statement: Statement): string {
  const text = typeof statement === 'string' ? statement : statement.text
  // The one difference there is: what was written for nobody is rolled back instead of kept.
  return text.replace(/^(release|rollback to) savepoint/, 'end savepoint')
}

/** A queue whose hashes are noted, with what they cost. */
function notingQueue(queue: HashQueue): HashQueue {
  return {
    run: (run) =>
      queue.run((hasher) =>
        run({
          hash(password, options) {
            const { memoryCost, timeCost, parallelism } = options
            work.push(`hash ${memoryCost} ${timeCost} ${parallelism}`)
            return hasher.hash(password, options)
          },
          verify(storedHash, password) {
            work.push(`verify ${storedHash.split('$').slice(0, 4).join('$')}`)
            return hasher.verify(storedHash, password)
          },
        }),
      ),
    close: () => queue.close(),
  }
}

let plane: TestControlPlane
let service: HttpService
let client: TestClient
let db: NotingPool
const hashing = notingQueue(createHashQueue())
before(async () => {
  plane = await TestControlPlane.start()
  db = new NotingPool({ url: plane.database.url, role: SERVICE_ROLE, applicationName: 'test' })
  const context = { ...plane.context, db, hashing }
  service = await createControlPlane(context, { trustedProxies: ['127.0.0.1'] })
  client = testClient((await service.listen({ host: '127.0.0.1', port: 0 })).url)
})
after(async () => {
  await service.close()
  await hashing.close()
  await db.end()
  await plane[Symbol.asyncDispose]()
})

let number = 0
const fresh = () => `person${++number}@example.com`

/** What one call costs, from an address that nobody called from before. */
async function workOf(endpoint: EndpointShape, body: object): Promise<string[]> {
  work = []
  const answer = await client.call(endpoint, {
    body,
    headers: { 'x-forwarded-for': `198.51.100.${++number % 250}` },
  })
  assert.ok(answer.status < 500 && answer.status !== 429, answer.text)
  return work
}

const countOf = (what: RegExp, done: readonly string[]) => done.filter((one) => what.test(one)).length

describe('the same statements and the same hashes in the same order', () => {
  test('A-2 a log-in with a wrong password to an address that has an account, and to one that has none', async () => {
    const { email } = await plane.account()
    const known = await workOf(login, { email, password: 'a wrong guess' })
    const unknown = await workOf(login, { email: fresh(), password: 'a wrong guess' })
    assert.deepEqual(unknown, known)
    assert.deepEqual([countOf(/^verify/, known), countOf(/^hash/, known)], [1, 0])
    assert.ok(
      countOf(/insert into audit_entry/, known) === 1,
      'the entry of nobody is written, and rolled back',
    )
  })

  test('A-3 a registration of a free address, and of a taken one', async () => {
    const { email } = await plane.account()
    const mails = await plane.count('mail')
    const free = await workOf(register, registration({ email: fresh() }))
    assert.equal(await plane.count('mail'), mails + 1)
    const taken = await workOf(register, registration({ email }))
    assert.equal(await plane.count('mail'), mails + 2)
    assert.deepEqual(taken, free)
    assert.deepEqual([countOf(/^verify/, free), countOf(/^hash/, free), countOf(/^commit$/, free)], [0, 1, 1])
  })

  for (const [name, endpoint] of [
    ['a password reset', requestPasswordReset],
    ['the verification mail again', resendVerificationEmail],
  ] as const) {
    test(`A-3 asking for ${name}, for an address that has an account, and for one that has none`, async () => {
      const { email } = await plane.account({ isVerified: false })
      const mails = await plane.count('mail')
      const known = await workOf(endpoint, { email })
      const unknown = await workOf(endpoint, { email: fresh() })
      assert.deepEqual(unknown, known)
      assert.equal(countOf(/enqueue_job/, known), 1)
      assert.equal(await plane.count('mail'), mails, 'only the job looks whether there is an account')
    })
  }
})
