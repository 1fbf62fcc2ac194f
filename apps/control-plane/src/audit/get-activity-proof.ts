import { getActivityProof as definition } from '@pacspace/api/definition/activity'
import { Problem } from '@pacspace/api/problem'
import { utf8Bytes } from '@pacspace/proofs/bytes'
import { formatTlogProof } from '@pacspace/proofs/tlog-proof'
import { planInclusion } from '@pacspace/proofs/tree-nodes'
import { implement } from '../context.ts'
import { findEntry } from './audit.sql.ts'
import { readProof } from './audit-nodes.ts'
import { recordOf } from './audit-record.ts'
import { growAuditLog } from './grow-audit-log.ts'

/**
 * The offline proof of one entry, as a C2SP tlog-proof file: its extra data is the record, whose leaf the path leads to
 * the signed root. Any role; an unknown entry, or another tenant's, is a 404.
 */
export const getActivityProof = implement(definition, async ({ principal, input }, context) => {
  const { db } = context
  const { tenantId } = principal
  const { entryId } = input.params
  if ((await findEntry(db, tenantId, entryId)) === undefined) throw new Problem('NOT_FOUND')
  const head = await growAuditLog(context)
  const entry = await findEntry(db, tenantId, entryId)
  const logIndex = entry?.logIndex ?? null
  if (head === undefined || entry === undefined || logIndex === null)
    throw new Error(`entry ${entryId} is kept out of the activity log`)
  const path = await readProof(db, planInclusion(logIndex, head.size))
  return formatTlogProof({ extra: utf8Bytes(recordOf(entry)), index: logIndex, path, note: head.note })
})
