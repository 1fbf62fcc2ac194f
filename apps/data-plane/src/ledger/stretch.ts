import { type Amount, amountOfNumeric, ZERO } from '@pacspace/api/amount'
import { Problem } from '@pacspace/api/problem'
import { epochMsOf, type Timestamp } from '@pacspace/api/timestamp'
import { equalBytes } from '@pacspace/proofs/bytes'
import { hashFromHex, isHashHex } from '@pacspace/proofs/hex'
import type { Db } from '@pacspace/service/postgres'
import { type CustomerState, selectDelta, selectEnd, selectFirstSeqAt, selectSeqOfRoot } from './read.sql.ts'
import { parseRecordId } from './record-id.ts'
import type { Scope } from './scope.ts'

/** What a caller may say a checkpoint is; without it the prefix decides. */
export type CheckpointType = 'itemsRoot' | 'anchorId' | 'proofRoot' | 'recordId'

/** Which part of a ledger a request means, beside its scope. */
export interface StretchFields {
  readonly startingCheckpoint?: string
  readonly startingCheckpointType?: CheckpointType
  readonly at?: Timestamp
  readonly includePending?: boolean
}

/** Sequence numbers of a customer, both ends included; empty when `fromSeq` is one past `toSeq`. */
export interface Stretch {
  readonly fromSeq: number
  readonly toSeq: number
}

/** How many deltas lie in a stretch. */
export function lengthOf({ fromSeq, toSeq }: Stretch): number {
  return toSeq - fromSeq + 1
}

/**
 * The deltas that a request means (product.md §3 "Derive"): those after a checkpoint, in a scope, or up to an instant;
 * verified ones, unless pending ones are asked for. A few primary-key reads, whatever the length of the ledger. Raises
 * NOT_FOUND for an unknown checkpoint.
 */
export async function stretchOf(
  tx: Db,
  tenantNo: number,
  customer: CustomerState,
  fields: StretchFields,
  scope: Scope,
): Promise<Stretch> {
  const lastSeq = fields.includePending ? customer.last_seq : customer.verified_seq
  const seqAt = (epochMs: number) => selectFirstSeqAt(tx, tenantNo, customer.customer_no, lastSeq, epochMs)
  let fromSeq = 1
  let toSeq = lastSeq
  if (fields.startingCheckpoint !== undefined) {
    const { startingCheckpoint, startingCheckpointType } = fields
    const seq = await seqOfCheckpoint(tx, tenantNo, customer, startingCheckpoint, startingCheckpointType)
    if (seq === undefined) throw new Problem('NOT_FOUND', { message: 'Unknown starting checkpoint' })
    fromSeq = seq + 1
  }
  if (scope.start !== null) fromSeq = await seqAt(epochMsOf(scope.start))
  if (scope.end !== null) toSeq = (await seqAt(epochMsOf(scope.end))) - 1
  // Created at that very instant counts: the balance "at" a time is the one after everything up to it.
  if (fields.at !== undefined) toSeq = (await seqAt(epochMsOf(fields.at) + 1)) - 1
  return { fromSeq, toSeq: Math.max(toSeq, fromSeq - 1) }
}

/** The sequence number that a checkpoint names, by its prefix where no type is given; undefined for one that is unknown. */
async function seqOfCheckpoint(
  tx: Db,
  tenantNo: number,
  customer: CustomerState,
  checkpoint: string,
  type: CheckpointType | undefined,
): Promise<number | undefined> {
  switch (type ?? typeByPrefix(checkpoint)) {
    case 'itemsRoot':
    case 'proofRoot':
      if (!isHashHex(checkpoint)) return undefined
      return selectSeqOfRoot(tx, tenantNo, customer.customer_no, hashFromHex(checkpoint))
    case 'anchorId': {
      const index = /^a_(0|[1-9][0-9]{0,14})$/.exec(checkpoint)?.[1]
      const row = index === undefined ? undefined : await selectDelta(tx, tenantNo, Number(index))
      return row?.customer_no === customer.customer_no ? row.seq : undefined
    }
    case 'recordId': {
      const address = parseRecordId(checkpoint)
      const row = address === undefined ? undefined : await selectDelta(tx, tenantNo, address.logIndex)
      const isIt = row !== undefined && address !== undefined && equalBytes(row.record_nonce, address.nonce)
      return isIt && row.customer_no === customer.customer_no ? row.seq : undefined
    }
    case undefined:
      return undefined
  }
}

function typeByPrefix(checkpoint: string): CheckpointType | undefined {
  if (checkpoint.startsWith('0x')) return 'itemsRoot'
  if (checkpoint.startsWith('a_')) return 'anchorId'
  if (checkpoint.startsWith('rec_')) return 'recordId'
  return undefined
}

/** A ledger after some of its deltas. */
export interface End {
  readonly balance: Amount
  /** Null before the first delta. */
  readonly itemsRoot: Uint8Array | null
  readonly logIndex: number | null
}

/** Balance, root and log index after `seq` deltas of a customer; nothing before the first. */
export async function endAt(tx: Db, tenantNo: number, customerNo: number, seq: number): Promise<End> {
  if (seq === 0) return { balance: ZERO, itemsRoot: null, logIndex: null }
  const row = await selectEnd(tx, tenantNo, customerNo, seq)
  if (row === undefined) throw new Error(`no delta ${seq} of customer ${customerNo} of tenant ${tenantNo}`)
  return { balance: amountOfNumeric(row.balance), itemsRoot: row.items_root, logIndex: row.log_index }
}
