import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditActions } from '@pacspace/api/audit-action'
import type { ActivityEntry } from './activity-queries.ts'
import { actionTexts, actorText, detailsText, wordsOf } from './activity-text.ts'

test('every action has words of its own', () => {
  assert.deepEqual(Object.keys(actionTexts).sort(), [...auditActions].sort())
  assert.equal(new Set(Object.values(actionTexts)).size, auditActions.length)
})

test('an actor is named by name, then id, and what is nobody says what it is', () => {
  const id = 'usr_1' as ActivityEntry['actor']['id'] // a test's own id
  assert.equal(actorText({ kind: 'user', id, name: 'Ada Lovelace' }), 'Ada Lovelace')
  assert.equal(actorText({ kind: 'user', id, name: null }), 'usr_1')
  const others = (['operator', 'system', 'unknown'] as const).map((kind) =>
    actorText({ kind, id: null, name: null }),
  )
  assert.equal(new Set(others).size, 3)
})

test('details are told by name and value; what is null is left out', () => {
  assert.equal(
    detailsText({ oldRole: 'viewer', newRole: 'admin', expiresAt: null }),
    'old role viewer, new role admin',
  )
  assert.equal(detailsText({}), '')
  assert.equal(wordsOf('gracePeriodSeconds'), 'grace period seconds')
})
