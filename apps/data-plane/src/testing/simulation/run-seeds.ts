import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { isSeedGiven, testSeed } from '@pacspace/testing/seeded-random'
import { simulatePlane } from './simulate-plane.ts'
import { openSimulationStore } from './simulation-store.ts'

/**
 * Runs the simulation for as many fresh seeds, or only for the one that is given in the environment. The seeds are
 * printed; one that fails is named, with the end of its trace.
 */
export async function runSeeds(t: TestContext, count: number): Promise<void> {
  const first = testSeed()
  const end = isSeedGiven() ? first + 1 : first + count
  t.diagnostic(`seeds ${first} to ${end - 1}`)
  await using store = await openSimulationStore()
  for (let seed = first; seed < end; seed++) {
    const trace = await simulatePlane(store, seed)
    assert.ok(trace.length > 0)
  }
}
