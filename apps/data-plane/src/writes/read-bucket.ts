import { addAmounts, amountOfNumeric } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/writes'
import { METADATA_DEPTH_MAX } from '@pacspace/api/field'
import { Problem } from '@pacspace/api/problem'
import { parseJson } from '@pacspace/proofs/parse-json'
import { type Db, transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { referenceHash, selectLogState, statusOf } from '../ledger/front-door.ts'
import { selectBucket, selectLastWrite, selectPendingWrites } from './writes.sql.ts'

/**
 * The sum of the bits under a key (product.md §3 "Advanced API"): the verified sum, and what was written since. For holders
 * of `balance:read`. Costs what is pending, whatever was written before.
 */
export const readBucket = implement(api.readBucket, async ({ principal, input }, { db }) => {
  const { key } = input.params
  const { tenantNo } = principal
  const read = async (tx: Db) => {
    const log = await selectLogState(tx, tenantNo)
    const bucket = await selectBucket(tx, tenantNo, key)
    const place = { key, keyHash: referenceHash(key), from: log?.verified_size ?? 0 }
    const pending =
      log === undefined ? [] : await selectPendingWrites(tx, tenantNo, place, bucket?.customer_no ?? null)
    const last = await selectLastWrite(tx, tenantNo, pending.at(-1)?.log_index ?? bucket?.last_index ?? -1)
    if (log === undefined || last === undefined) {
      throw new Problem('NOT_FOUND', { message: `No record found for key: ${key}` })
    }
    const verified = amountOfNumeric(bucket?.bits ?? '0')
    return {
      key,
      accountId: last.customer_id,
      currentBits: pending.reduce((sum, { amount }) => addAmounts(sum, amountOfNumeric(amount)), verified),
      totalWrites: (bucket?.write_count ?? 0) + pending.length,
      lastWriteAt: last.created_at,
      verified: statusOf(last.log_index, log) === 'VERIFIED',
      metadata: metadataOf(last.metadata),
    }
  }
  return transaction(db, read, { isolation: 'repeatable read', readOnly: true })
})

/** Kept as canonical text; validated when it came in, so it is an object. */
function metadataOf(text: string | null): Record<string, unknown> | null {
  return text === null ? null : (parseJson(text, METADATA_DEPTH_MAX) as Record<string, unknown>)
}
