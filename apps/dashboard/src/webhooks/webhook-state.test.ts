import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import { recoverySince, webhookState } from './webhook-state.ts'

const at = timestampOf(Date.UTC(2026, 10, 20, 10))
const later = timestampOf(Date.UTC(2026, 10, 25, 10))

describe('webhookState', () => {
  test('names each state apart: fine, failing, disabled by us for either reason, switched off by a person', () => {
    const word = (
      active: boolean,
      disabledReason: 'gone' | 'failing' | null,
      failingSince: Timestamp | null,
    ) => webhookState({ active, disabledReason, failingSince }).word
    assert.equal(word(true, null, null), 'Active')
    assert.equal(word(true, null, at), 'Failing')
    assert.equal(word(false, 'gone', null), 'Disabled')
    assert.equal(word(false, 'failing', at), 'Disabled')
    assert.equal(word(false, null, null), 'Switched off')
    const sentences = (['gone', 'failing', null] as const).map(
      (disabledReason) => webhookState({ active: false, disabledReason, failingSince: at }).sentence,
    )
    assert.equal(new Set(sentences).size, 3)
  })
})

describe('recoverySince', () => {
  test('begins with the first failure, else when it was disabled, else a day ago', () => {
    const nowMs = Date.parse(later)
    assert.equal(recoverySince({ failingSince: at, disabledAt: later }, nowMs), at)
    assert.equal(recoverySince({ failingSince: null, disabledAt: at }, nowMs), at)
    assert.equal(recoverySince({ failingSince: null, disabledAt: null }, nowMs), '2026-11-24T10:00:00.000Z')
  })
})
