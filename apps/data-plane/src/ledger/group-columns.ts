import { formatAmount } from '@pacspace/api/amount'
import { HASH_BYTES } from '@pacspace/proofs/sha256'
import type { GroupColumns } from './append.sql.ts'
import { bytesArray, numberArray, textArray } from './array-literal.ts'
import type { Delta } from './delta.ts'
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
  const deltas = rows.map(({ delta }) => delta)
  return {
    rowCount: rows.length,
    customerNos: numberArray(deltas.map((delta) => delta.customerNo)),
    seqs: numberArray(deltas.map((delta) => delta.sequenceNumber)),
    nonces,
    itemsRoots,
    nodes: bytesArray(rows.map(({ nodes }) => nodes)),
    amounts: numberArray(deltas.map((delta) => formatAmount(delta.delta))),
    balances: numberArray(deltas.map((delta) => formatAmount(delta.balance))),
    reasons: textArray(deltas.map((delta) => delta.reason)),
    referenceIds: textArray(deltas.map((delta) => delta.referenceId)),
    referenceHashes: numberArray(deltas.map(referenceHashOf)),
    metadatas: textArray(deltas.map((delta) => delta.metadata)),
    keyDigests: bytesArray(deltas.map((delta) => delta.keyDigest)),
    adjustsRecordIds: textArray(deltas.map((delta) => delta.adjustsRecordId)),
    adjustsReferenceIds: textArray(deltas.map(adjustedReferenceOf)),
  }
}

function referenceHashOf({ referenceId }: Delta): string | null {
  return referenceId === null ? null : referenceHash(referenceId).toString()
}

function adjustedReferenceOf({ adjusts }: Delta): string | null {
  return adjusts !== null && 'referenceId' in adjusts ? adjusts.referenceId : null
}
