import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as settled } from 'node:timers/promises'
import { createHashQueue } from './hash-queue.ts'

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
