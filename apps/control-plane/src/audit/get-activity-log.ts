import { getActivityLog as definition } from '@pacspace/api/definition/activity'
import { validationProblem } from '@pacspace/api/problem'
import { toBase64 } from '@pacspace/proofs/base64'
import { planConsistency } from '@pacspace/proofs/tree-nodes'
import { implement } from '../context.ts'
import { readProof } from './audit-nodes.ts'
import { growAuditLog } from './grow-audit-log.ts'

/**
 * The signed head of the activity log, which covers everything done before this call; with `from`, the proof that nothing
 * before that size was changed since. Any role. The log is one for all tenants; its entries show nothing of each other.
 */
export const getActivityLog = implement(definition, async ({ input }, context) => {
  const { db, auditSigner } = context
  const head = await growAuditLog(context)
  if (head === undefined) throw new Error('somebody is logged in, so something was done')
  const { size, note: checkpoint } = head
  const { from } = input.query
  const answer = { origin: auditSigner.origin, size, checkpoint, verifierKey: auditSigner.verifierKey }
  if (from === undefined) return answer
  if (from > size) throw validationProblem('/from', `must be at most ${size}, the size of the log`)
  const hashes = await readProof(db, planConsistency(from, size))
  return { ...answer, consistency: hashes.map(toBase64) }
})
