import assert from 'node:assert/strict'
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { parseLogCheckpoint } from '@pacspace/proofs/log-checkpoint'
import { verifyNote } from '@pacspace/proofs/signed-note'
import { parseVerifierKey } from '@pacspace/proofs/verifier-key'
import { transaction } from '@pacspace/service/postgres'
import { TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'
import { anchorActivity, findingOfJournal } from './anchor-activity.ts'
import { audit } from './audit.ts'
import { AuditJournal } from './audit-journal.ts'
import { growAuditLog } from './grow-audit-log.ts'

let plane: TestControlPlane
let user: TestUser
let folder: string
let path: string
let journal: AuditJournal
before(async () => {
  plane = await TestControlPlane.start()
  user = await plane.account()
  folder = await mkdtemp(join(tmpdir(), 'pacspace-activity-'))
})
after(async () => {
  await plane[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
let number = 0
beforeEach(() => {
  path = join(folder, `journal-of-${++number}`, 'deep', 'journal')
  journal = new AuditJournal(path)
})

const anchor = (of = journal) => anchorActivity({ db: plane.context.db, auditJournal: of })

/** One more entry, signed. */
async function grow() {
  const entry = { tenantId: user.tenantId, actor: user.userId, action: 'tenant.updated' } as const
  await transaction(plane.context.db, (tx) => audit(tx, entry, plane.context))
  return (await growAuditLog(plane.context)) ?? assert.fail()
}

const lines = async () => (await readFile(path, 'utf8')).split('\n').slice(0, -1)

describe('the journal', () => {
  test('K20 has each head that was anchored, signed, a line each, and none twice', async () => {
    const sizes: number[] = []
    for (let round = 0; round < 3; round++) {
      sizes.push((await grow()).size)
      await anchor()
      await anchor()
    }
    const notes = (await lines()).map((line) => Buffer.from(line.split(' ')[1] ?? '', 'base64').toString())
    const trusted = [parseVerifierKey(plane.context.auditSigner.verifierKey)]
    const bodies = await Promise.all(notes.map((note) => verifyNote(note, trusted)))
    assert.deepEqual(
      bodies.map(({ body }) => parseLogCheckpoint(body).size),
      sizes,
    )
    assert.equal((await journal.last())?.size, sizes.at(-1))
  })

  test('is written by many at once as by one', async () => {
    const { size } = await grow()
    await Promise.all(Array.from({ length: 8 }, () => anchor(new AuditJournal(path))))
    assert.deepEqual([(await lines()).length, (await journal.last())?.size], [1, size])
  })

  test('passes over a last line that a crash has torn, wherever, and cuts it with the next one', async () => {
    await grow()
    await anchor()
    const [whole = ''] = await lines()
    for (const length of [1, 16, 17, 40, whole.length]) {
      await writeFile(path, `${whole}\n${whole.slice(0, length)}`)
      const before = await journal.last()
      assert.equal(before?.note, Buffer.from(whole.split(' ')[1] ?? '', 'base64').toString(), String(length))
      const { size } = await grow()
      await anchor()
      assert.deepEqual([(await lines()).length, (await journal.last())?.size], [2, size])
    }
  })

  test('of which a whole line is damaged is believed no more, and nothing is written', async () => {
    await grow()
    await anchor()
    const text = await readFile(path, 'utf8')
    for (const at of [0, 20, text.length - 10]) {
      await writeFile(path, text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1))
      await grow()
      const { size } = await stat(path)
      await assert.rejects(anchor(), /damaged/)
      assert.equal((await stat(path)).size, size)
    }
  })

  test('that is long is read from its end', async () => {
    await grow()
    await anchor()
    const [line] = await lines()
    await writeFile(path, `${line}\n`.repeat(2_000))
    const { size } = await grow()
    await anchor()
    assert.equal((await journal.last())?.size, size)
    assert.equal((await lines()).length, 2_001)
  })
})

describe('LOG_BEHIND_ANCHOR of the activity log: a database that was restored', () => {
  /** A line that the signer made of a tree which this database does not have. */
  async function line(size: number, byte: number): Promise<void> {
    const note = plane.context.auditSigner.sign({ size, root: Buffer.alloc(32, byte) })
    const other = new AuditJournal(`${path}-other`)
    await other.append({ note })
    await appendFile(path, await readFile(`${path}-other`))
    await rm(`${path}-other`)
  }

  for (const [name, ahead] of [
    ['is behind the journal', 5],
    ['has another root than the journal', 0],
  ] as const) {
    test(`that ${name} is not anchored, until the journal is moved away`, async () => {
      const { size } = await grow()
      await anchor()
      await line(size + ahead, 7)
      await grow()
      const before = await readFile(path)
      await assert.rejects(anchor(), { name: 'ActivityBehindJournal', message: /Restore a newer backup/ })
      assert.deepEqual(await readFile(path), before)
      await rm(path)
      await anchor()
      assert.equal((await lines()).length, 1)
    })
  }
})

test('the operator’s check names what the journal has and the database has not', async () => {
  assert.equal(await findingOfJournal(plane.context.db, journal), undefined)
  const { size } = await grow()
  await anchor()
  assert.equal(await findingOfJournal(plane.context.db, journal), undefined)
  await journal.append({
    note: plane.context.auditSigner.sign({ size: size + 1, root: Buffer.alloc(32, 1) }),
  })
  assert.match(
    (await findingOfJournal(plane.context.db, journal)) ?? '',
    new RegExp(`of ${size + 1} entries`),
  )
})
