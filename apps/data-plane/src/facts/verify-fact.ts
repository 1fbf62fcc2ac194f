import * as api from '@pacspace/api/definition/facts'
import { equalBytes } from '@pacspace/proofs/bytes'
import { formatFactProof, verifyFactProof } from '@pacspace/proofs/fact-proof'
import { toHex } from '@pacspace/proofs/hex'
import { logLeaf } from '@pacspace/proofs/log-entry'
import { sha256Text } from '@pacspace/proofs/sha256'
import { formatVerifierKey, verifierKey } from '@pacspace/proofs/verifier-key'
import { type Db, transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { entryOf, factRecordOf } from '../ledger/front-door.ts'
import { readLogPosition } from '../proofs/front-door.ts'
import { coverageOf, type FoundFact, findFact, wireHashOf } from './fact-answer.ts'

/**
 * Verifies a fact anew (product.md §3 "Advanced API"): the content is hashed again, the entry rebuilt from the row, and
 * the offline proof verified as its receiver will. What does not hold is said, and nothing is called verified. For holders
 * of `balance:read`.
 */
export const verifyFact = implement(api.verifyFact, async ({ principal, input }, { db }) => {
  const { tenantNo } = principal
  const read = async (tx: Db) => {
    const found = await findFact(tx, tenantNo, input.params.contentHash)
    const { row, isVerified } = found
    const stated = { contentHash: wireHashOf(row.content_hash), createdAt: row.created_at }
    const discrepancies = equalBytes(sha256Text(row.content), row.content_hash)
      ? []
      : ['the stored content has another hash']
    if (!isVerified || discrepancies.length > 0) return { ...stated, ...NOT_VERIFIED, discrepancies }
    const { proof, refusal } = await proveFact(tx, tenantNo, found)
    if (refusal !== null) return { ...stated, ...NOT_VERIFIED, discrepancies: [refusal] }
    return {
      ...stated,
      verified: true,
      discrepancies,
      ...(await coverageOf(tx, tenantNo, row.log_index)),
      proof,
    }
  }
  return transaction(db, read, { isolation: 'repeatable read', readOnly: true })
})

const NOT_VERIFIED = { verified: false, verifiedAt: null, logCheckpoint: null, anchors: [], proof: null }

/** The proof file of a fact, and why it does not hold, if it does not. */
async function proveFact(tx: Db, tenantNo: number, { log, row }: FoundFact) {
  const publicKey = formatVerifierKey(verifierKey(log.origin, log.public_key))
  const position = await readLogPosition(tx, tenantNo, log.verified_size, row.log_index)
  const tlogProof = formatFactProof({ fact: factRecordOf(row), ...position })
  const verdict = await verifyFactProof(tlogProof, { logKeys: [publicKey] })
  const leafHash = toHex(logLeaf(entryOf({ kind: 'fact', row })))
  return {
    proof: { leafHash, tlogProof, publicKey },
    refusal: verdict.verified ? null : `the stored fact does not lead to the signed log: ${verdict.message}`,
  }
}
