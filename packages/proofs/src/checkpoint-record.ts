/** The record of a checkpoint, a locked period, and its proof root (product contract §5.5). */
import { type Hex, isHashHex } from './hex.ts'
import { canonicalJson } from './jcs.ts'
import { isCount, isDecimal, isText, isTime, readMembers } from './json-members.ts'
import { rootOf } from './merkle.ts'
import { ProofError } from './proof-error.ts'
import { sha256Text } from './sha256.ts'

export interface CheckpointRecord {
  /** At least 74 random bits. */
  readonly checkpointId: string
  readonly customerId: string
  /** `YYYY-MM`, if the checkpoint is of a month. */
  readonly period?: string | null | undefined
  /** ISO 8601 UTC with milliseconds; first instant of the scope. */
  readonly startDate?: string | null | undefined
  /** First instant after the scope. */
  readonly endDate?: string | null | undefined
  readonly closed: boolean
  /** First and last sequence number in scope; absent if there is none. */
  readonly fromSequence?: number | null | undefined
  readonly toSequence?: number | null | undefined
  /** Canonical decimal texts. */
  readonly startingBalance: string
  readonly netChange: string
  readonly endingBalance: string
  readonly deltasCount: number
  /** The customer's root after the last delta in scope, or after the last one before it if there is none. */
  readonly itemsRoot: Hex
}

/** The canonical JSON of a checkpoint's record: JCS(`{v:1, …}`), absent members left out. */
export function checkpointText(record: CheckpointRecord): string {
  const members = Object.entries({ ...record, v: 1 }).filter(([, value]) => value != null)
  return canonicalJson(Object.fromEntries(members))
}

/** proofRoot of one customer's checkpoint: SHA-256(0x00 ‖ record), 32 bytes. Takes `checkpointText`'s text. */
export function checkpointRoot(text: string): Uint8Array {
  return sha256Text(`\0${text}`)
}

/**
 * proofRoot of a checkpoint of all customers: the RFC 6962 root over the customers' records, which must come in byte
 * order of customerId, each customer once (`OUT_OF_RANGE` otherwise). The order is part of the root, so nobody may
 * choose it. No customers at all give the root of the empty tree.
 */
export function allCustomersRoot(records: readonly CheckpointRecord[]): Uint8Array {
  records.forEach((record, i) => {
    const before = records[i - 1]
    // customerIds are ASCII (product contract §2), so the order of UTF-16 units is the order of bytes.
    if (before !== undefined && before.customerId >= record.customerId) {
      throw new ProofError(
        'OUT_OF_RANGE',
        'checkpoint records must be in byte order of customerId, each once',
      )
    }
  })
  return rootOf(records.map((record) => checkpointRoot(checkpointText(record))))
}

/** A checkpoint record from parsed JSON. Attacker-controlled: exactly the members of version 1. */
export function parseCheckpointRecord(value: unknown): CheckpointRecord {
  const members = readMembers(value, 'checkpoint record')
  const record: CheckpointRecord = {
    checkpointId: members.required('checkpointId', isText),
    customerId: members.required('customerId', isText),
    period: members.optional('period', isText),
    startDate: members.optional('startDate', isTime),
    endDate: members.optional('endDate', isTime),
    closed: members.required('closed', isBoolean),
    fromSequence: members.optional('fromSequence', isCount),
    toSequence: members.optional('toSequence', isCount),
    startingBalance: members.required('startingBalance', isDecimal),
    netChange: members.required('netChange', isDecimal),
    endingBalance: members.required('endingBalance', isDecimal),
    deltasCount: members.required('deltasCount', isCount),
    itemsRoot: members.required('itemsRoot', isHashHex),
  }
  members.refuseOthers()
  return record
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean'
}
