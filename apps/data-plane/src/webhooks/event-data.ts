import { type Amount, amountOfNumeric, subtractAmounts } from '@pacspace/api/amount'
import { METADATA_DEPTH_MAX } from '@pacspace/api/field'
import type { EventId, TenantId } from '@pacspace/api/id'
import { epochMsOf, periodOf, type Timestamp } from '@pacspace/api/timestamp'
import type { WebhookEventType } from '@pacspace/api/webhook-event'
import { customerReference } from '@pacspace/proofs/customer-reference'
import { toHex } from '@pacspace/proofs/hex'
import { logLeaf } from '@pacspace/proofs/log-entry'
import { parseJson } from '@pacspace/proofs/parse-json'
import { writeAnything } from '@pacspace/service/answer-writer'
import {
  checkpointIdOf,
  type Delta,
  entryOf,
  type OtherEntry,
  type StoredCheckpoint,
  type StoredDelta,
  WRITE_REASON,
} from '../ledger/front-door.ts'

/** What every event says beside its data (product.md §6). */
export interface EventEnvelope {
  readonly id: EventId
  readonly type: WebhookEventType
  readonly createdAt: Timestamp
  readonly tenantId: TenantId
  readonly environment: string
}

/** The body of an event as it is sent; amounts as number literals with all their digits. */
export function eventBody(envelope: EventEnvelope, data: object): string {
  const { id, type, createdAt, tenantId, environment } = envelope
  const timestamp = Math.floor(epochMsOf(createdAt) / 1_000)
  return writeAnything({ id, event: type, type, timestamp, createdAt, tenantId, environment, data }, 'number')
}

/** What is known of a verified delta beside its row. */
export interface VerifiedDelta {
  readonly delta: Delta
  /** When the head that covers it was anchored and read back. */
  readonly verifiedAt: Timestamp
  /** The whole C2SP tlog-proof file. */
  readonly tlogProof: string
  /** The customer's balance before its first delta of that month. */
  readonly periodStartBalance: Amount
  readonly usage: { readonly consumed: number; readonly allowed: boolean }
}

/** `data` of `delta.verified` (product.md §6). */
export function deltaVerifiedData(verified: VerifiedDelta): object {
  const { delta, verifiedAt, tlogProof, periodStartBalance, usage } = verified
  const itemsRoot = toHex(delta.itemsRoot)
  return {
    recordId: delta.recordId,
    receiptId: itemsRoot,
    deltaIndex: delta.logIndex,
    sequenceNumber: String(delta.sequenceNumber),
    status: 'verified',
    customerId: delta.customerId,
    referenceId: delta.referenceId,
    verificationReference: itemsRoot,
    delta: {
      customerId: delta.customerId,
      amount: delta.delta,
      reason: delta.reason,
      referenceId: delta.referenceId,
      metadata: delta.metadata === null ? null : parseJson(delta.metadata, METADATA_DEPTH_MAX),
    },
    blockTimestamp: String(Math.floor(epochMsOf(verifiedAt) / 1_000)),
    proof: {
      proofHash: itemsRoot,
      contentHash: delta.contentHash,
      previousProofHash: delta.previousProofHash,
      itemHashes: [delta.contentHash],
      itemHash: toHex(delta.itemHash),
      tlogProof,
    },
    verification: verificationOf(delta.createdAt, verifiedAt),
    period: {
      period: periodOf(delta.createdAt),
      netDelta: subtractAmounts(delta.balance, periodStartBalance),
    },
    usage,
  }
}

/** `data` of `delta.stored`: a stretch of the log that one anchored head made verified. */
export function deltaStoredData(stretch: {
  readonly startIndex: number
  readonly count: number
  readonly firstCreatedAt: Timestamp
  readonly verifiedAt: Timestamp
}): object {
  const { startIndex, count, firstCreatedAt, verifiedAt } = stretch
  return { startIndex, count, verification: verificationOf(firstCreatedAt, verifiedAt) }
}

/** `data` of `fact.verified`. `proofHash`: the leaf of the fact's entry in the tenant's log. */
export function factVerifiedData(
  entry: Extract<OtherEntry, { readonly kind: 'fact' }>,
  verifiedAt: Timestamp,
): object {
  return {
    contentHash: `sha256_${toHex(entry.row.content_hash).slice(2)}`,
    proofHash: toHex(logLeaf(entryOf(entry))),
    verification: verificationOf(entry.row.created_at, verifiedAt),
  }
}

/** `data` of `checkpoint.verified`. `customerId`: null for all customers. */
export function checkpointVerifiedData(row: StoredCheckpoint): object {
  return {
    checkpointId: checkpointIdOf(row),
    customerId: row.customer_id,
    period: row.period,
    proofRoot: toHex(row.proof_root),
    deltasCount: row.deltas_count,
    netChange: amountOfNumeric(row.net_change),
  }
}

/** `data` of `customer.created`. `displayName`: null for a customer that began with its first delta. */
export function customerCreatedData(
  tenantId: TenantId,
  customer: {
    readonly customerId: string
    readonly displayName: string | null
    readonly createdAt: Timestamp
  },
): object {
  const { customerId, displayName, createdAt } = customer
  const reference = customerReference(tenantId, customerId)
  return { customerId, displayName, ledgerIdentifier: reference, customerReference: reference, createdAt }
}

/** `data` of `verification.completed`: a write of the Advanced API was verified. */
export function writeVerifiedData(delta: Delta, verifiedAt: Timestamp): object {
  return {
    ...writeOf(delta),
    metadata: delta.metadata === null ? null : parseJson(delta.metadata, METADATA_DEPTH_MAX),
    proofHash: toHex(delta.itemsRoot),
    verification: verificationOf(delta.createdAt, verifiedAt),
  }
}

/** True for what `POST /api/v1/writes` writes, and for the like that was emitted: a bucket adds up both. */
export function isWrite({ reason, reference_id }: Pick<StoredDelta, 'reason' | 'reference_id'>): boolean {
  return reason === WRITE_REASON && reference_id !== null
}

/** What a write is called by: its key is the delta's reference, its bits are the amount (docs/decisions/0032). */
export function writeOf({
  recordId,
  referenceId,
  customerId,
  delta,
}: Pick<Delta, 'recordId' | 'referenceId' | 'customerId' | 'delta'>) {
  return { recordId, key: referenceId, accountId: customerId, bits: delta }
}

/** `data` of `usage.threshold`. `threshold`: percent of what the plan includes. */
export function usageThresholdData(usage: {
  readonly threshold: number
  readonly consumed: number
  readonly included: number
  /** Null where the plan counts for life. */
  readonly period: string | null
}): object {
  const { threshold, consumed, included, period } = usage
  return { threshold, consumed, included, period }
}

function verificationOf(createdAt: Timestamp, verifiedAt: Timestamp): object {
  return {
    verified: true,
    latencyMs: Math.max(0, epochMsOf(verifiedAt) - epochMsOf(createdAt)),
    discrepancies: [],
  }
}
