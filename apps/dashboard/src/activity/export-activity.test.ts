import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timestampOf } from '@pacspace/api/timestamp'
import type { ActivityEntry } from './activity-queries.ts'
import { activityCsv } from './export-activity.ts'

test('an entry is one line with every member, and no name is taken for a formula', () => {
  const entry: ActivityEntry = {
    id: 'aud_1' as ActivityEntry['id'], // a test's own ids
    action: 'key.created',
    actor: { kind: 'user', id: 'usr_1' as ActivityEntry['actor']['id'], name: '=cmd|x' },
    target: 'key_1',
    environment: 'sandbox',
    details: { name: 'a "b"' },
    address: null,
    requestId: 'req_1',
    createdAt: timestampOf(0),
    logIndex: 7,
  }
  const [head, line, end] = activityCsv([entry]).split('\r\n')
  assert.equal(head?.split(',').length, 11)
  assert.equal(
    line,
    `"aud_1","1970-01-01T00:00:00.000Z","key.created","'=cmd|x","usr_1","key_1","sandbox","{""name"":""a \\""b\\""""}",,"req_1",7`,
  )
  assert.equal(end, '')
})
