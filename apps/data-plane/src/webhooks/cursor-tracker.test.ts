import assert from 'node:assert/strict'
import { it } from 'node:test'
import { CursorTracker } from './cursor-tracker.ts'

it('the cursor passes an entry when all its events are done, whatever the order, and entries without any at once', () => {
  const cursor = new CursorTracker()
  cursor.start(5)
  assert.deepEqual([cursor.scanned, cursor.next], [5, 5])
  cursor.scan(10, [6, 6, 8])
  assert.deepEqual([cursor.scanned, cursor.next], [10, 6])
  cursor.finish([8])
  cursor.finish([6])
  assert.equal(cursor.next, 6)
  cursor.finish([6])
  assert.equal(cursor.next, 10)
})

it('what could not be kept is taken back', () => {
  const cursor = new CursorTracker()
  cursor.start(0)
  cursor.scan(3, [0, 1, 1, 2])
  const takeBack = cursor.finish([0, 1, 1])
  assert.equal(cursor.next, 2)
  takeBack()
  assert.deepEqual([cursor.scanned, cursor.next], [3, 0])
  cursor.finish([0, 1])
  assert.equal(cursor.next, 1)
})
