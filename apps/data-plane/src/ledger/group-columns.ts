import { formatAmount } from '@pacspace/api/amount'
import { HASH_BYTES } from '@pacspace/proofs/sha256'
import type { GroupColumns } from './append.sql.ts'
import { referenceHash } from './group-facts.ts'
import type { PlannedRow } from './plan-group.ts'
import { RECORD_NONCE_BYTES } from './record-id.ts'

/** Rows turned into columns, one array each, for a single insert. */
export function columnsOf(rows: readonly PlannedRow[]): GroupColumns {
  const nonces = new Uint8Array(rows.length * RECORD_NONCE_BYTES)
  const itemsRoots = new Uint8Array(rows.length * HASH_BYTES)
  for (const [index, { delta, nonce }] of rows.entries()) {
    nonces.set(nonce, index * RECORD_NONCE_BYTES)
    itemsRoots.set(delta.itemsRoot, index * HASH_BYTES)
  }
  return {
    customerNos: rows.map(({ delta }) => delta.customerNo),
    seqs: rows.map(({ delta }) => delta.sequenceNumber),
    nonces,
    itemsRoots,
    nodes: rows.map(({ nodes }) => nodes),
    amounts: rows.map(({ delta }) => formatAmount(delta.delta)),
    balances: rows.map(({ delta }) => formatAmount(delta.balance)),
    reasons: rows.map(({ delta }) => delta.reason),
    referenceIds: rows.map(({ delta }) => delta.referenceId),
    referenceHashes: rows.map(({ delta }) =>
      delta.referenceId === null ? null : referenceHash(delta.referenceId).toString(),
    ),
    metadatas: rows.map(({ delta }) => delta.metadata),
    keyDigests: rows.map(({ delta }) => delta.keyDigest),
    adjustsRecordIds: rows.map(({ delta }) => delta.adjustsRecordId),
    adjustsReferenceIds: rows.map(({ delta }) =>
      delta.adjusts !== null && 'referenceId' in delta.adjusts ? delta.adjusts.referenceId : null,
    ),
  }
}
