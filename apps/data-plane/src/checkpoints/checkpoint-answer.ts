import { amountOfNumeric } from '@pacspace/api/amount'
import type { Checkpoint } from '@pacspace/api/definition/checkpoints'
import { toHex } from '@pacspace/proofs/hex'
import { parseJson } from '@pacspace/proofs/parse-json'
import type { Db } from '@pacspace/service/postgres'
import type { Static } from 'typebox'
import { checkpointIdOf, type DeltaStatus, type LogProgress, statusOf } from '../ledger/front-door.ts'
import { type FoundCheckpoint, selectCutProgress } from './checkpoint.sql.ts'

/** A checkpoint as the wire shows it, in the given status. */
export function checkpointAnswer(found: FoundCheckpoint, status: DeltaStatus): Static<typeof Checkpoint> {
  const amount = (numeric: string | null) => (numeric === null ? null : amountOfNumeric(numeric))
  const root = found.proof_root === null ? null : toHex(found.proof_root)
  return {
    checkpointId: checkpointIdOf(found),
    status,
    period: found.period,
    startDate: found.start_at,
    endDate: found.end_at,
    closed: found.closed,
    customerId: found.customer_id,
    deltasCount: found.deltas_count,
    startingBalance: amount(found.starting_balance),
    netChange: amount(found.net_change),
    endingBalance: amount(found.ending_balance),
    merkleRoot: root,
    proofRoot: root,
    mode: found.mode,
    fingerprints: fingerprintsOf(found.fingerprints),
    createdAt: found.cut_at,
  }
}

/** Nesting of what is kept: metadata's, or a list. */
const DEPTH_MAX = 17

/** Kept as canonical text; validated when it came in. */
function fingerprintsOf(text: string | null): Static<typeof Checkpoint>['fingerprints'] {
  return text === null ? null : (parseJson(text, DEPTH_MAX) as Static<typeof Checkpoint>['fingerprints'])
}

/**
 * The status of each checkpoint: of an entry by its place in the log, like a delta's; before that QUEUED until roots are
 * being computed, PROCESSING while they are, FAILED where the worker found damage under them. Must run in the snapshot in
 * which `log` and the checkpoints were read.
 */
export async function statusesOf(
  tx: Db,
  tenantNo: number,
  log: LogProgress,
  checkpoints: readonly FoundCheckpoint[],
): Promise<DeltaStatus[]> {
  const pending = checkpoints.filter(({ log_index }) => log_index === null).map(({ nonce }) => nonce)
  const progress = pending.length === 0 ? [] : await selectCutProgress(tx, tenantNo, pending)
  const progressOf = new Map(progress.map((one) => [one.nonce.toString('hex'), one]))
  return checkpoints.map(({ log_index, nonce, customer_no, is_part }) => {
    if (log_index === null) {
      const cut = progressOf.get(nonce.toString('hex'))
      if (cut?.is_damaged) return 'FAILED'
      return cut?.has_parts ? 'PROCESSING' : 'QUEUED'
    }
    const status = statusOf(log_index, log)
    // One of all customers was PROCESSING before it came to the log.
    return status === 'QUEUED' && (customer_no === null || is_part) ? 'PROCESSING' : status
  })
}
