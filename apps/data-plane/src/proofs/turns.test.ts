import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Turns } from './turns.ts'

it('so many run at once, so many wait in order, and the next is sent away; a failure frees its place', async () => {
  const turns = new Turns(2, 2)
  const started: number[] = []
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<number>())
  const take = (n: number) =>
    turns.take(() => {
      started.push(n)
      return gates[n]?.promise ?? assert.fail()
    })
  const taken = [0, 1, 2, 3].map(take)
  assert.deepEqual(started, [0, 1])
  await assert.rejects(take(4), { code: 'SERVICE_UNAVAILABLE' })
  gates[1]?.reject(new Error('broken'))
  await assert.rejects(taken[1] ?? assert.fail(), { message: 'broken' })
  assert.deepEqual(started, [0, 1, 2])
  for (const n of [0, 2, 3]) gates[n]?.resolve(n)
  assert.deepEqual(await Promise.all([taken[0], taken[2], taken[3]]), [0, 2, 3])
  gates[4]?.resolve(4)
  assert.equal(await take(4), 4)
})
