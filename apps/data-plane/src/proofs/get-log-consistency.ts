import * as api from '@pacspace/api/definition/public-log'
import { Problem, validationProblem } from '@pacspace/api/problem'
import { toHex } from '@pacspace/proofs/hex'
import { assembleProof, planConsistency, planNodes } from '@pacspace/proofs/tree-nodes'
import { answer } from '@pacspace/service/implement'
import { type Db, transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { FOR_GOOD } from './get-log-tile.ts'
import { readLogNodes } from './log-nodes.ts'
import { selectPublicLogSize } from './proofs.sql.ts'

/**
 * The consistency proof between any two sizes of the verified log (RFC 6962 §2.1.2), for anybody who kept an older head:
 * nothing was rewritten since. O(log n) reads. Check it with the roots of your own two heads: none is told here.
 */
export const getLogConsistency = implement(api.getLogConsistency, async ({ input }, { db }) => {
  const { from, to } = input.query
  return transaction(
    db,
    async (tx) => {
      const log = await selectPublicLogSize(tx, input.params.logId)
      if (log === undefined) throw new Problem('NOT_FOUND')
      const size = to ?? log.verified_size
      if (size > log.verified_size) {
        throw validationProblem('/to', `must not be larger than the verified size ${log.verified_size}`)
      }
      if (from > size) throw validationProblem('/from', `must not be larger than ${size}`)
      const data = { from, to: size, proof: await proofOf(tx, log.tenant_id, from, size) }
      return to === undefined ? data : answer(data, { headers: FOR_GOOD })
    },
    { isolation: 'repeatable read', readOnly: true },
  )
})

async function proofOf(tx: Db, tenantNo: number, from: number, to: number) {
  if (from === 0 || from === to) return []
  const plan = planConsistency(from, to)
  const hashOf = await readLogNodes(tx, tenantNo, to, planNodes(plan))
  return assembleProof(plan, hashOf).map(toHex)
}
