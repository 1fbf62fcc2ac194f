import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findOperations } from './find-operations.ts'
import type { Operation } from './reference-of.ts'

const operation = (id: string, group: string, path: string): Operation => ({
  id,
  method: 'GET',
  path,
  group,
  summary: `What ${id} does`,
  description: '',
  credential: 'none',
  parameters: [],
  body: [],
  status: 200,
  answer: [],
  contentTypes: [],
  problems: [],
})
const all = [
  operation('emitDelta', 'balance', '/api/v1/balance/delta'),
  operation('listTeam', 'team', '/dashboard/team'),
  operation('emitBatch', 'balance', '/api/v1/balance/delta/batch'),
]
const ids = (search: string) =>
  findOperations(all, search).flatMap(({ operations }) => operations.map(({ id }) => id))

test('every word must be there, in any case and any of the texts; nothing asked finds all, by group', () => {
  assert.deepEqual(ids(''), ['emitDelta', 'emitBatch', 'listTeam'])
  assert.deepEqual(ids('  DELTA batch '), ['emitBatch'])
  assert.deepEqual(ids('get team'), ['listTeam'])
  assert.deepEqual(ids('nothing'), [])
  assert.deepEqual(
    findOperations(all, 'balance').map(({ group }) => group),
    ['balance'],
  )
})
