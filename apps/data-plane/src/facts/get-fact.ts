import * as api from '@pacspace/api/definition/facts'
import { METADATA_DEPTH_MAX } from '@pacspace/api/field'
import { parseJson } from '@pacspace/proofs/parse-json'
import { type Db, transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { coverageOf, findFact, wireHashOf } from './fact-answer.ts'

/** One fact by the hash of its content (product.md §3 "Advanced API"). For holders of `balance:read`. */
export const getFact = implement(api.getFact, async ({ principal, input }, { db }) => {
  const { tenantNo } = principal
  const read = async (tx: Db) => {
    const { row, isVerified } = await findFact(tx, tenantNo, input.params.contentHash)
    return {
      contentHash: wireHashOf(row.content_hash),
      content: row.content,
      metadata: metadataOf(row.metadata),
      verified: isVerified,
      verifiedAt: isVerified ? (await coverageOf(tx, tenantNo, row.log_index)).verifiedAt : null,
      createdAt: row.created_at,
    }
  }
  return transaction(db, read, { isolation: 'repeatable read', readOnly: true })
})

/** Kept as canonical text; validated when it came in, so it is an object. */
function metadataOf(text: string | null): Record<string, unknown> | null {
  return text === null ? null : (parseJson(text, METADATA_DEPTH_MAX) as Record<string, unknown>)
}
