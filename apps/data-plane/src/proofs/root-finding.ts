import { amountOfNumeric } from '@pacspace/api/amount'
import type { verifyRoot } from '@pacspace/api/definition/verify'
import type { EndpointData } from '@pacspace/api/endpoint'
import { type LogState, type StoredDelta, statusOf } from '../ledger/front-door.ts'

type Answer = EndpointData<typeof verifyRoot>

/** What one source says of a root that it knows, or of which it cannot tell. */
export interface RootFinding
  extends Pick<Answer, 'verified' | 'message' | 'recordedAt' | 'summary' | 'records' | 'discrepancies'>,
    Pick<Answer['verification'], 'logCheckpoint' | 'anchors' | 'proof'> {
  /** Of the log that commits to it; null where the source cannot tell. */
  readonly logId: string | null
  readonly logIndex: number | null
}

/** A record whose tenant has no log: somebody moved it. */
export function ofNoLog(logIndex: number): RootFinding {
  return {
    verified: false,
    message: messageOf(false, 'FAILED'),
    logId: null,
    logIndex,
    ...NOTHING_SHOWN,
    logCheckpoint: null,
    anchors: [],
    proof: null,
    discrepancies: ['the record with this root belongs to no log'],
  }
}

/** Nothing is invented: where something does not fit, nothing is shown. */
export const NOTHING_SHOWN = { recordedAt: null, summary: null, records: [] }

/** What verification found by itself, at or before the entry. Whose it is stays unsaid. */
export function foundBefore({ first_failed_index: failed }: LogState, logIndex: number): string[] {
  return failed !== null && failed <= logIndex ? [`entry a_${failed} of the log was found damaged`] : []
}

/** What a finding means for whoever asked; null where all is well. */
export function messageOf(isSound: boolean, status: ReturnType<typeof statusOf>): string | null {
  if (!isSound)
    return 'The stored data is not what this root commits to. Do not rely on it; tell whoever keeps this ledger.'
  return status === 'VERIFIED' ? null : 'Recorded, and not verified yet. Ask again in a moment.'
}

/** A record as public verify shows it. */
export function recordOf(row: StoredDelta, log: LogState) {
  return {
    amount: amountOfNumeric(row.amount),
    reason: row.reason,
    referenceId: row.reference_id,
    status: statusOf(row.log_index, log),
    time: row.created_at,
  }
}
