import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sqlStateOf } from '@pacspace/service/postgres'
import type { FileAnchor } from '../../anchors/front-door.ts'
import { type Mutation, simulatePlane } from './simulate-plane.ts'
import { openSimulationStore } from './simulation-store.ts'

/** Enough to find any of the lines below broken; most are found by the first few. */
const SEEDS_MAX = 200
/** Class of SQLSTATEs: integrity constraint violation. */
const CONSTRAINT_VIOLATIONS = '23'

it('R31 a seed replays: the same steps in the same order, to the same root', async () => {
  const traces: string[][] = []
  for (let round = 0; round < 2; round++) {
    await using store = await openSimulationStore()
    for (const seed of [7, 8, 9]) traces.push(await simulatePlane(store, seed))
  }
  assert.deepEqual(traces.slice(0, 3), traces.slice(3))
  assert.equal(new Set(traces.map((trace) => trace.join())).size, 3, 'other seeds are other runs')
})

/** An anchor that only says that it holds what it was given. */
function liar(anchor: FileAnchor): FileAnchor {
  const told = new Map<string, Parameters<FileAnchor['publish']>[1]>()
  const lies: Pick<FileAnchor, 'publish' | 'readCheckpoint' | 'peek'> = {
    publish: async (logId, head) => {
      told.set(logId, head)
    },
    readCheckpoint: async (logId) => told.get(logId)?.note,
    peek: async (logId) => told.get(logId),
  }
  return Object.assign(Object.create(anchor), lies)
}

const BROKEN: Readonly<Record<string, Mutation>> = {
  'a lost COMMIT is taken for success': { takesLostCommitForSuccess: true },
  'Idempotency-Keys are not looked up': {
    answerOf: (name, rows) => (/^select_used_keys$/.test(name) ? { rows: [], rowCount: 0 } : rows),
  },
  'references are not looked up': {
    answerOf: (name, rows) => (name === 'select_deltas_by_reference' ? { rows: [], rowCount: 0 } : rows),
  },
  'what is remembered of a ledger counts after others wrote': { marksNothing: true },
  'a month that is closed is not looked up': {
    hasOthers: true,
    answerOf: (name, rows) => (name === 'select_closing_checkpoint' ? { rows: [], rowCount: 0 } : rows),
  },
  'what the scrubber reads is not what was verified': {
    hasOthers: true,
    answerOf: (name, { rows, rowCount }) => ({
      rows: name === 'fsck_select_rows' ? rows.map((row) => Object.assign({}, row, { amount: '9' })) : rows,
      rowCount,
    }),
  },
  'the anchor is not flushed': { forgetsFlushes: true },
  'nothing is written to the anchor': { anchorOf: liar },
}

/** What says that data is wrong: an assertion, or a constraint of the database. Anything else is a failure of the test. */
function isFinding(cause: unknown): boolean {
  return (
    cause instanceof assert.AssertionError || sqlStateOf(cause)?.startsWith(CONSTRAINT_VIOLATIONS) === true
  )
}

describe('R31 the simulation sees it when', () => {
  for (const [name, mutation] of Object.entries(BROKEN)) {
    it(name, async (t) => {
      await using store = await openSimulationStore()
      for (let seed = 1; seed <= SEEDS_MAX; seed++) {
        const failure = await simulatePlane(store, seed, mutation).then(
          () => undefined,
          (error: Error) => error,
        )
        if (failure === undefined) continue
        if (!isFinding(failure.cause)) throw failure
        t.diagnostic(`seed ${seed}: ${String(failure.cause).split('\n')[0]}`)
        return
      }
      assert.fail(`none of ${SEEDS_MAX} seeds saw it`)
    })
  }
})
