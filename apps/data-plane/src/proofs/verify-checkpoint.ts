import { amountOfNumeric } from '@pacspace/api/amount'
import { equalBytes } from '@pacspace/proofs/bytes'
import { formatCheckpointProof } from '@pacspace/proofs/checkpoint-proof'
import { toHex } from '@pacspace/proofs/hex'
import { logEntry } from '@pacspace/proofs/log-entry'
import { formatTlogProof } from '@pacspace/proofs/tlog-proof'
import type { Db } from '@pacspace/service/postgres'
import { judgeEntries, VerifiedDataDamaged } from '../anchors/front-door.ts'
import type { DataPlaneContext } from '../context.ts'
import {
  checkpointRecordOf,
  type LogState,
  type StoredCheckpoint,
  selectCoveringNotes,
  selectLogState,
  selectOtherEntries,
  statusOf,
} from '../ledger/front-door.ts'
import { type RecomputedCustomer, recomputeCustomer } from './recompute-customer.ts'
import { contradictionsOfAnchor, keyOf, type RecomputedLog, recomputeLog } from './recompute-log.ts'
import { foundBefore, messageOf, NOTHING_SHOWN, ofNoLog, type RootFinding, recordOf } from './root-finding.ts'
import { type EntryPlace, selectPublicRecords } from './verify-root.sql.ts'

/**
 * What the database says of a checkpoint's root, everything recomputed: its record from its columns, its figures from the
 * rows at both ends of its scope, each proved to stand in the signed tree, then the entry, the log's tree and the head.
 */
export async function verifyCheckpoint(
  tx: Db,
  anchor: DataPlaneContext['anchor'],
  { tenant_id: tenantNo, log_index: logIndex }: EntryPlace,
  root: Uint8Array,
): Promise<RootFinding> {
  const [log, others, hasPublicRecords, notes] = await Promise.all([
    selectLogState(tx, tenantNo),
    selectOtherEntries(tx, tenantNo, logIndex, logIndex + 1),
    selectPublicRecords(tx, tenantNo),
    selectCoveringNotes(tx, tenantNo, logIndex),
  ])
  const other = others.get(logIndex)
  if (log === undefined || other?.kind !== 'checkpoint') return ofNoLog(logIndex)
  const { row } = other
  const status = statusOf(logIndex, log)
  const isCovered = logIndex < log.verified_size
  const inLog = isCovered
    ? await recomputeLog(tx, tenantNo, log, logIndex, logEntry('checkpoint', root))
    : undefined
  const customer = await ledgerOf(tx, tenantNo, row)
  const discrepancies = [
    ...(customer?.discrepancies ?? []),
    ...(equalBytes(row.proof_root, root) ? [] : ['the checkpoint does not have this root']),
    ...(await wrongIn(tx, tenantNo, log, inLog, others)),
    ...(inLog?.discrepancies ?? []),
    ...(await contradictionsOfAnchor(tx, tenantNo, log, anchor)),
    ...foundBefore(log, logIndex),
  ]
  const isSound = discrepancies.length === 0
  return {
    verified: isSound && status === 'VERIFIED',
    message: messageOf(isSound, status),
    logId: log.log_id,
    logIndex,
    ...(isSound ? shown(log, row, customer, hasPublicRecords) : NOTHING_SHOWN),
    logCheckpoint: inLog?.root === undefined ? null : { size: log.verified_size, root: toHex(inLog.root) },
    anchors: isCovered ? notes.map(({ level, anchored_at }) => ({ level, time: anchored_at })) : [],
    proof: isSound && inLog !== undefined ? proofOf(log, row, inLog, hasPublicRecords) : null,
    discrepancies,
  }
}

/** Columns that do not follow from the rows; without values, which need not be the reader's. */
async function wrongIn(
  tx: Db,
  tenantNo: number,
  log: LogState,
  inLog: RecomputedLog | undefined,
  others: Parameters<typeof judgeEntries>[3],
): Promise<string[]> {
  if (inLog?.root === undefined) return []
  const tree = { size: log.verified_size, root: inLog.root }
  try {
    const judged = await judgeEntries(tx, tenantNo, tree, others)
    return [...judged.values()].flatMap(({ texts }) =>
      texts.map((text) => `checkpoint: ${text.split(':')[0]}`),
    )
  } catch (error) {
    if (!(error instanceof VerifiedDataDamaged)) throw error
    return [`entry a_${error.logIndex}, which it rests on, does not fit its content`]
  }
}

/** Of the customer's first records those in scope. */
function shown(
  log: LogState,
  row: StoredCheckpoint,
  customer: RecomputedCustomer | undefined,
  hasPublicRecords: boolean,
) {
  const inScope = customer?.rows.filter(({ seq }) => seq >= (row.from_seq ?? 1)) ?? []
  return {
    recordedAt: row.created_at,
    summary: {
      recordCount: row.deltas_count,
      netChange: amountOfNumeric(row.net_change),
      startingBalance: amountOfNumeric(row.starting_balance),
      endingBalance: amountOfNumeric(row.ending_balance),
      firstRecordAt: inScope[0]?.created_at ?? null,
      lastRecordAt: customer?.last?.created_at ?? null,
    },
    records: hasPublicRecords ? inScope.map((one) => recordOf(one, log)) : [],
  }
}

/** The ledger up to the end of the scope; undefined where nothing is in scope, and for all customers. */
async function ledgerOf(
  tx: Db,
  tenantNo: number,
  row: StoredCheckpoint,
): Promise<RecomputedCustomer | undefined> {
  if (row.customer_no === null || row.to_seq === null) return undefined
  const place = {
    tenant_id: tenantNo,
    log_index: row.log_index,
    customer_no: row.customer_no,
    seq: row.to_seq,
  }
  const customer = await recomputeCustomer(tx, place)
  const isRoot =
    customer.root !== undefined && row.items_root !== null && equalBytes(customer.root, row.items_root)
  if (isRoot || customer.discrepancies.length > 0) return customer
  return { ...customer, discrepancies: ['checkpoint: items_root'] }
}

function proofOf(
  log: LogState,
  row: StoredCheckpoint,
  { path, note }: RecomputedLog,
  hasPublicRecords: boolean,
) {
  if (path === undefined || note === undefined) return null
  const publicKey = keyOf(log)
  if (!hasPublicRecords || row.customer_id === null) {
    return { tlogProof: formatTlogProof({ index: row.log_index, path, note }), publicKey }
  }
  const tlogProof = formatCheckpointProof({
    checkpoint: checkpointRecordOf(row, row.customer_id, row),
    checkpointIndex: 0,
    checkpointPath: [],
    checkpointsCount: 1,
    logIndex: row.log_index,
    logPath: path,
    note,
  })
  return { tlogProof, publicKey }
}
