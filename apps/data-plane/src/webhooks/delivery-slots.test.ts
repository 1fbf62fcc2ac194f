import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DeliverySlots } from './delivery-slots.ts'

/** Takes and frees places until one is refused; gives how many there were. */
function takeMany(slots: DeliverySlots, limit: number, onFree = () => {}): number {
  for (let count = 0; count < limit; count++) {
    const free = slots.take(false, onFree)
    if (free === undefined) return count
    free()
  }
  return limit
}

describe('places for attempts', () => {
  it('are limited, for endpoints in trouble more than for the others, and who waits is told when one is free', () => {
    const slots = new DeliverySlots()
    const failing = Array.from({ length: 128 }, () => slots.take(true, () => {}))
    assert.ok(failing.every((free) => free !== undefined))
    let told = 0
    assert.equal(
      slots.take(true, () => told++),
      undefined,
    )
    assert.notEqual(
      slots.take(false, () => {}),
      undefined,
    )
    assert.equal(told, 0)
    failing[0]?.()
    assert.equal(told, 1)
  })

  it('open 24 at a time, four times a second, during a burst of emits, and as fast as can be behind it', async () => {
    let nowMs = 0
    let isBurst = true
    const slots = new DeliverySlots({ nowMs: () => nowMs, isBurst: () => isBurst })
    const { promise: woken, resolve } = Promise.withResolvers<void>()
    assert.equal(takeMany(slots, 1_000, resolve), 24)
    nowMs = 249
    assert.equal(takeMany(slots, 1_000), 0)
    await woken // by the clock of the process: a session that waits is not forgotten
    nowMs = 250
    assert.equal(takeMany(slots, 1_000), 24)
    isBurst = false
    assert.equal(takeMany(slots, 1_000), 1_000)
  })

  it('go around during a burst: whoever has much to send leaves the others their turns', () => {
    let nowMs = 0
    let isOver = false
    const slots = new DeliverySlots({ nowMs: () => nowMs, isBurst: () => true })
    const started = [0, 0, 0, 0]
    const takers = started.map((_, index) => {
      const take = () => {
        while (!isOver && slots.take(false, take) !== undefined) started[index] = (started[index] ?? 0) + 1
      }
      return take
    })
    for (; nowMs < 2_000; nowMs += 250) for (const take of takers) take()
    isOver = true
    assert.deepEqual(started, [48, 48, 48, 48])
  })
})
