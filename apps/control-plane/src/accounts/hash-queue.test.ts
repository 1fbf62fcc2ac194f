import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { test } from 'node:test'
import { setImmediate as settled } from 'node:timers/promises'
import { randomBytes } from '@pacspace/service/random'
import { createHashQueue, hashingThreadCount, LOWEST_PRIORITY } from './hash-queue.ts'
import { hashPassword, verifyPassword } from './password-hash.ts'
import { hashingThread } from './password-hasher.ts'

/** Work that ends when the test says so. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { open: resolve, passed: promise }
}

test('A-7 no more runs at once than allowed, in the order of asking, and each place is handed on', async () => {
  const queue = createHashQueue({ runningMax: 2, waitingMax: 10 })
  const gates = Array.from({ length: 5 }, gate)
  const started: number[] = []
  const done = gates.map(({ passed }, i) =>
    queue.run(async () => {
      started.push(i)
      await passed
      return i
    }),
  )
  await settled()
  assert.deepEqual(started, [0, 1])
  gates[1]?.open()
  assert.equal(await done[1], 1)
  await settled()
  assert.deepEqual(started, [0, 1, 2])
  for (const { open } of gates) open()
  assert.deepEqual(await Promise.all(done), [0, 1, 2, 3, 4])
  assert.deepEqual(started, [0, 1, 2, 3, 4])
})

test('the first one too many is refused at once, with 503; the last accepted one is served', async () => {
  const queue = createHashQueue({ runningMax: 1, waitingMax: 2 })
  const { open, passed } = gate()
  const accepted = Array.from({ length: 3 }, () => queue.run(() => passed))
  await assert.rejects(
    queue.run(() => passed),
    { code: 'SERVICE_UNAVAILABLE' },
  )
  open()
  await Promise.all(accepted)
  await queue.run(async () => {})
})

test('work that throws gives its place back', async () => {
  const queue = createHashQueue({ runningMax: 1 })
  await assert.rejects(
    queue.run(() => Promise.reject(new Error('broken'))),
    /broken/,
  )
  assert.equal(await queue.run(async () => 7), 7)
})

test('A-7 on every machine of more than one core, one core is never hashing', () => {
  const counts = [1, 2, 3, 4, 8, 64].map((cores) => hashingThreadCount(cores))
  assert.deepEqual(counts, [1, 1, 2, 3, 7, 8])
})

/** Niceness of the process's threads that now run under this name. */
function prioritiesOf(name: string): number[] {
  const threads = readdirSync('/proc/self/task').map(Number)
  const named = threads.filter((id) => readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim() === name)
  return named.map((id) => getPriority(id))
}

test('A-7 hashes are made by threads of the lowest priority; every other thread keeps its own', async (t) => {
  if (process.platform !== 'linux') return t.skip('elsewhere a priority is the whole process’s')
  const queue = createHashQueue({ runningMax: 2, niceness: LOWEST_PRIORITY })
  const own = getPriority(process.pid)
  const hashes = await Promise.all(
    ['a', 'a', 'b'].map((password) => queue.run((hasher) => hashPassword(hasher, password, randomBytes))),
  )
  assert.deepEqual(prioritiesOf('WorkerThread'), [19, 19])
  assert.deepEqual(new Set(prioritiesOf('libuv-worker')).difference(new Set([own])), new Set())
  assert.equal(getPriority(process.pid), own)
  assert.equal(new Set(hashes).size, 3, 'each has a salt of its own')
  const isRight = (hash: string | undefined, password: string) =>
    queue.run((hasher) => verifyPassword(hasher, hash, password))
  assert.deepEqual(
    await Promise.all([isRight(hashes[0], 'a'), isRight(hashes[0], 'b'), isRight(undefined, 'a')]),
    [true, false, false],
  )
  await queue.close()
  assert.deepEqual(prioritiesOf('WorkerThread'), [])
})

test('a thread that ends loses only what it had in hand; the next password has another one', async () => {
  const thread = hashingThread()
  const password = Buffer.from('x')
  const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
  const hash = await thread.hash(password, options)
  const interrupted = assert.rejects(thread.hash(password, { ...options, timeCost: 200 }), /ended/)
  await thread.close()
  await interrupted
  assert.equal(await thread.verify(hash, password), true)
  await assert.rejects(thread.verify('no hash at all', password), /could not be hashed/)
  assert.equal(await thread.verify(hash, Buffer.from('y')), false)
  await thread.close()
})
