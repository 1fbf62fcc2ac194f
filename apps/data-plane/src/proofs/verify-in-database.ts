import { amountOfNumeric, ZERO } from '@pacspace/api/amount'
import { equalBytes } from '@pacspace/proofs/bytes'
import { toHex } from '@pacspace/proofs/hex'
import { logEntry } from '@pacspace/proofs/log-entry'
import { formatTlogProof } from '@pacspace/proofs/tlog-proof'
import { type Db, transaction } from '@pacspace/service/postgres'
import type { DataPlaneContext } from '../context.ts'
import {
  deltaOfRow,
  type LogState,
  selectCoveringNotes,
  selectLogState,
  statusOf,
} from '../ledger/front-door.ts'
import { buildDeltaProof } from './build-delta-proof.ts'
import { type RecomputedCustomer, recomputeCustomer } from './recompute-customer.ts'
import { contradictionsOfAnchor, keyOf, type RecomputedLog, recomputeLog } from './recompute-log.ts'
import { foundBefore, messageOf, NOTHING_SHOWN, ofNoLog, type RootFinding, recordOf } from './root-finding.ts'
import { verifyCheckpoint, verifyPart } from './verify-checkpoint.ts'
import {
  type RootPlace,
  selectCheckpointPlace,
  selectFailedPlaces,
  selectPartPlace,
  selectPublicRecords,
  selectRootPlace,
} from './verify-root.sql.ts'

/** Damaged deltas whose true roots are computed to see whether one is asked for. */
const FAILED_PLACES_MAX = 16

/**
 * What the database says of a root, everything recomputed: rows, records, leaves, the customer's tree, the entry, the log's
 * tree, the signed head, and what the anchor holds (product.md §3 "Public verify"). Undefined for a root that it does not
 * know. One snapshot.
 */
export async function verifyInDatabase(
  { db, anchor }: Pick<DataPlaneContext, 'db' | 'anchor'>,
  root: Uint8Array,
): Promise<RootFinding | undefined> {
  return transaction(
    db,
    async (tx) => {
      const place = (await selectRootPlace(tx, root)) ?? (await damagedPlaceOf(tx, root))
      if (place !== undefined) return verifyPlace(tx, anchor, place, root)
      const part = await selectPartPlace(tx, root)
      if (part !== undefined) return verifyPart(tx, anchor, part, root)
      const checkpoint = await selectCheckpointPlace(tx, root)
      return checkpoint && verifyCheckpoint(tx, anchor, checkpoint, root)
    },
    { isolation: 'repeatable read', readOnly: true },
  )
}

/** A root may be unknown because it is what was damaged: the true ones of damaged deltas are computed from their content. */
async function damagedPlaceOf(db: Db, root: Uint8Array): Promise<RootPlace | undefined> {
  for (const place of await selectFailedPlaces(db, FAILED_PLACES_MAX)) {
    const before = await recomputeCustomer(db, place)
    if (before.root !== undefined && equalBytes(before.root, root)) return place
  }
  return undefined
}

async function verifyPlace(
  tx: Db,
  anchor: DataPlaneContext['anchor'],
  place: RootPlace,
  root: Uint8Array,
): Promise<RootFinding> {
  const { tenant_id: tenantNo, log_index: logIndex } = place
  const [log, customer, hasPublicRecords, notes] = await Promise.all([
    selectLogState(tx, tenantNo),
    recomputeCustomer(tx, place),
    selectPublicRecords(tx, tenantNo),
    selectCoveringNotes(tx, tenantNo, logIndex),
  ])
  if (log === undefined) return ofNoLog(logIndex)
  const status = statusOf(logIndex, log)
  const isCovered = logIndex < log.verified_size
  const inLog = isCovered
    ? await recomputeLog(tx, tenantNo, log, logIndex, logEntry('delta', root))
    : undefined
  const discrepancies = [
    ...customer.discrepancies,
    ...leadsElsewhere(customer, root),
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
    ...(isSound ? shown(customer, log, hasPublicRecords) : NOTHING_SHOWN),
    logCheckpoint: inLog?.root === undefined ? null : { size: log.verified_size, root: toHex(inLog.root) },
    anchors: isCovered ? notes.map(({ level, anchored_at }) => ({ level, time: anchored_at })) : [],
    proof:
      isSound && inLog !== undefined
        ? await proofOf(tx, place, log, customer, inLog, hasPublicRecords)
        : null,
    discrepancies,
  }
}

function leadsElsewhere({ root, discrepancies }: RecomputedCustomer, asked: Uint8Array): string[] {
  if (discrepancies.length > 0 || (root !== undefined && equalBytes(root, asked))) return []
  return ['the records do not lead to this root']
}

function shown({ rows, last }: RecomputedCustomer, log: LogState, hasPublicRecords: boolean) {
  const first = rows[0]
  if (first === undefined || last === undefined)
    throw new Error('a sound ledger has a first and a last record')
  const balance = amountOfNumeric(last.balance)
  return {
    recordedAt: last.created_at,
    summary: {
      recordCount: last.seq,
      netChange: balance,
      startingBalance: ZERO,
      endingBalance: balance,
      firstRecordAt: first.created_at,
      lastRecordAt: last.created_at,
    },
    records: hasPublicRecords ? rows.map((row) => recordOf(row, log)) : [],
  }
}

/** With the last record and its place; where records are not shown, of the bare entry, which says nothing of its content. */
async function proofOf(
  tx: Db,
  { tenant_id: tenantNo, log_index: index }: RootPlace,
  log: LogState,
  { last }: RecomputedCustomer,
  { path, note }: RecomputedLog,
  hasPublicRecords: boolean,
) {
  if (last === undefined || path === undefined || note === undefined) return null
  const publicKey = keyOf(log)
  if (!hasPublicRecords) return { tlogProof: formatTlogProof({ index, path, note }), publicKey }
  const { text } = await buildDeltaProof(tx, tenantNo, log, deltaOfRow(last))
  return { tlogProof: text, publicKey }
}
