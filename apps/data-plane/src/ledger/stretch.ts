import { type Amount, amountOfNumeric, ZERO } from '@pacspace/api/amount'
import { Problem } from '@pacspace/api/problem'
import { epochMsOf, type Timestamp } from '@pacspace/api/timestamp'
import { equalBytes } from '@pacspace/proofs/bytes'
import { hashFromHex, isHashHex } from '@pacspace/proofs/hex'
import type { Db } from '@pacspace/service/postgres'
import {
  type FoundCheckpoint,
  selectCheckpointByNonce,
  selectCheckpointByRoot,
  selectPart,
} from '../checkpoints/front-door.ts'
import { nonceOfId } from './committing-id.ts'
import { checkpointIdOf } from './other-entry.ts'
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
      return isHashHex(checkpoint)
        ? seqOfAnyRoot(tx, tenantNo, customer.customer_no, hashFromHex(checkpoint))
        : undefined
    case 'checkpointId': {
      const nonce = nonceOfId('chk', checkpoint)
      const found = nonce && (await selectCheckpointByNonce(tx, tenantNo, nonce))
      if (found === undefined || checkpointIdOf(found) !== checkpoint) return undefined
      return seqOfPeriod(tx, tenantNo, customer.customer_no, found)
    }
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

/** A root names a delta of the customer, or a checkpoint of it or of all customers. */
async function seqOfAnyRoot(
  tx: Db,
  tenantNo: number,
  customerNo: number,
  root: Uint8Array,
): Promise<number | undefined> {
  const seq = await selectSeqOfRoot(tx, tenantNo, customerNo, root)
  if (seq !== undefined) return seq
  const found = await selectCheckpointByRoot(tx, tenantNo, root)
  return found && seqOfPeriod(tx, tenantNo, customerNo, found)
}

/** Where a locked period ends in a customer's ledger; undefined where the customer is not in it. */
async function seqOfPeriod(
  tx: Db,
  tenantNo: number,
  customerNo: number,
  found: FoundCheckpoint,
): Promise<number | undefined> {
  const own = found.customer_no === null ? await selectPart(tx, tenantNo, found.nonce, customerNo) : found
  if (own?.customer_no !== customerNo) return undefined
  // Without a delta in it, it ends where the one before it does.
  if (own.to_seq !== null) return own.to_seq
  if (own.items_root === null || own.items_root.every((byte) => byte === 0)) return 0
  return selectSeqOfRoot(tx, tenantNo, customerNo, own.items_root)
}

function typeByPrefix(checkpoint: string): CheckpointType | 'checkpointId' | undefined {
  if (checkpoint.startsWith('chk_')) return 'checkpointId'

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
