import { type Amount, formatAmount, subtractAmounts, ZERO } from '@pacspace/api/amount'
import type { RandomBytes, TenantId } from '@pacspace/api/id'
import { type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import { type Pool, type Tx, transaction } from '@pacspace/service/postgres'
import {
  addedBy,
  type FileAnchor,
  judgeEntries,
  judgeVoid,
  lockFailure,
  newCustomerEnd,
  type ProvedTree,
  readEndInTree,
  recompute,
  VerifiedDataDamaged,
  type VerifiedEnd,
} from '../anchors/front-door.ts'
import { deleteParts } from '../checkpoints/front-door.ts'
import {
  checkpointIdOf,
  ID_NONCE_BYTES,
  type KeptRow,
  keptText,
  type LockedLog,
  lockLog,
  newMark,
  parseRecordId,
  recordIdOf,
  type StoredDelta,
  type StoredVoid,
  selectDeltasFrom,
  selectOtherEntries,
} from '../ledger/front-door.ts'
import { placeTimes } from './place-times.ts'
import { type VoidOrder, VoidRefused } from './void-order.ts'
import {
  replaceByVoids,
  selectDeltasBehind,
  selectLogsOfRecord,
  selectNumberOf,
  selectSigned,
  selectTimes,
  updateHead,
  type VoidedLog,
} from './voids.sql.ts'

export interface VoidContext {
  /** As the owner of the tables. */
  readonly db: Pool
  readonly anchor: Pick<FileAnchor, 'peek'>
  readonly clock: Clock
  readonly randomBytes: RandomBytes
}

/** What was made void, or would be. */
export interface VoidReport {
  readonly tenantId: TenantId
  readonly customerId: string
  readonly reason: string
  /** What verification says of the first one. */
  readonly damage: readonly string[]
  /** In the order of the log; the damaged one first. `delta`: what it had added. */
  readonly deltas: readonly { readonly recordId: string; readonly logIndex: number; readonly delta: string }[]
  /** Ids of checkpoints that had counted them. */
  readonly checkpoints: readonly string[]
}

/**
 * Makes a delta void that verification found damaged and nobody can repair, with all that was built on it: every later delta
 * of its customer and the checkpoints that count one of them (docs/decisions/0083). Each place in the log is taken by a
 * void, which keeps the row that stood there. One transaction under the log's lock and the claim of its tree: all of it
 * stands or nothing. Only where no head was signed: what is verified is repaired. `isDryRun`: says what would be, and
 * leaves everything as it is. Throws VoidRefused.
 */
export async function voidRecord(
  order: VoidOrder,
  context: VoidContext,
  { isDryRun }: { readonly isDryRun: boolean },
): Promise<VoidReport> {
  const { log, logIndex } = await findLog(context.db, order)
  // Before the lock: a head of that size is signed already, and the log's heads only grow.
  const anchored = await context.anchor.peek(log.log_id)
  if (anchored !== undefined && anchored.size > logIndex) throw signedAlready(order.recordId, logIndex)
  const dryRun = new DryRun()
  try {
    return await transaction(context.db, async (tx) => {
      const report = await voidUnderLock(tx, context, log, logIndex, order, anchored !== undefined)
      if (isDryRun) throw Object.assign(dryRun, { report })
      return report
    })
  } catch (error) {
    if (error === dryRun && dryRun.report !== undefined) return dryRun.report
    if (error instanceof VerifiedDataDamaged)
      throw new VoidRefused(
        'OTHER_DAMAGE',
        `what was verified is damaged, a_${error.logIndex}: ${error.message}. Repair that first: it tells what may stand behind it`,
      )
    throw error
  }
}

/** Thrown so that nothing of what was tried stands. */
class DryRun extends Error {
  report: VoidReport | undefined
}

async function findLog(
  db: Pool,
  { recordId, tenantId }: VoidOrder,
): Promise<{ readonly log: VoidedLog; readonly logIndex: number }> {
  const address = parseRecordId(recordId)
  if (address === undefined) throw new VoidRefused('NO_SUCH_RECORD', `${recordId} is no recordId (rec_…)`)
  const { logIndex, nonce } = address
  const logs = (await selectLogsOfRecord(db, logIndex, nonce, recordId)).filter(
    (log) => tenantId === null || log.tenant_id === tenantId,
  )
  const [log, ...others] = logs
  if (log === undefined)
    throw new VoidRefused('NO_SUCH_RECORD', `no log holds ${recordId}, and none fails at a_${logIndex}`)
  if (others.length > 0)
    throw new VoidRefused(
      'TENANT_NEEDED',
      `several logs fail at a_${logIndex} (${logs.map((one) => one.tenant_id).join(', ')}): say --tenant`,
    )
  return { log, logIndex }
}

async function voidUnderLock(
  tx: Tx,
  { clock, randomBytes }: VoidContext,
  { tenant_no: tenantNo, tenant_id: tenantId }: VoidedLog,
  logIndex: number,
  order: VoidOrder,
  isAnchored: boolean,
): Promise<VoidReport> {
  const locked = await lockLog(tx, tenantNo)
  if (locked === undefined) throw new Error(`the log of tenant ${tenantNo} has no head`)
  const tree = await requireFailed(tx, tenantNo, logIndex, order.recordId, isAnchored)
  const first = await readFirst(tx, tenantNo, logIndex, order)
  const { damage, behind } = await judge(tx, tenantNo, tree, logIndex, first)
  const now = timestampOf(clock.now())
  const newVoid = (
    place: Pick<StoredVoid, 'log_index' | 'record_id' | 'customer_id' | 'amount' | 'kept'>,
    createdAt: Timestamp,
  ): StoredVoid => ({
    ...place,
    created_at: createdAt,
    nonce: Buffer.from(randomBytes(ID_NONCE_BYTES)),
    reason: order.reason,
    voided_at: now < createdAt ? createdAt : now,
  })
  const rows = [first.row, ...behind]
  const places = [logIndex, ...behind.map((row) => row.log_index)]
  const neighbours = await selectTimes(tx, tenantNo, [
    ...new Set(places.flatMap((at) => [at - 1, at, at + 1])),
  ])
  const times = placeTimes(places, neighbours, locked.last_created_at)
  const voids = rows.map((row, index) => {
    const place = index === 0 ? placeOfFirst(logIndex, first, order) : placeOf(row, first)
    return requireRight(newVoid(place, times[index] ?? locked.last_created_at))
  })
  await replaceByVoids(tx, tenantNo, 'delta', voids)
  const checkpoints = await voidCheckpoints(tx, tenantNo, tree, first.customerNo, logIndex, locked, newVoid)
  await deleteParts(tx, tenantNo, logIndex)
  await updateHead(tx, tenantNo, voids.length, newMark(randomBytes))
  return {
    tenantId,
    customerId: first.customerId,
    reason: order.reason,
    damage,
    deltas: voids.map(({ record_id, log_index, amount }) => ({
      recordId: record_id,
      logIndex: log_index,
      delta: amount.startsWith('-') ? amount.slice(1) : `-${amount}`,
    })),
    checkpoints,
  }
}

/** What stands at the first place. */
interface First {
  /** Null where the row is gone. */
  readonly row: StoredDelta | null
  readonly customerNo: number
  readonly customerId: string
}

/** Gives the tree, in which nothing at or behind the log index is; nothing of that may be signed. */
async function requireFailed(
  tx: Tx,
  tenantNo: number,
  logIndex: number,
  recordId: string,
  isAnchored: boolean,
): Promise<ProvedTree> {
  const known = await lockFailure(tx, tenantNo)
  const { signed_size: signedSize, verified_size: verifiedSize, ...tree } = await selectSigned(tx, tenantNo)
  const others = await selectOtherEntries(tx, tenantNo, logIndex, logIndex + 1)
  const other = others.get(logIndex)
  if (other?.kind === 'void')
    throw new VoidRefused('ALREADY_VOID', `a_${logIndex} is void since ${other.row.voided_at}`)
  if (signedSize > logIndex || tree.size > logIndex) throw signedAlready(recordId, logIndex)
  if (other !== undefined) throw new VoidRefused('NOT_A_DELTA', `a_${logIndex} is a ${other.kind}`)
  if (known?.first_failed_index !== logIndex || known.found_by !== 'recompute' || tree.size !== logIndex) {
    const found = known?.first_failed_index ?? null
    throw new VoidRefused(
      'NOT_FAILED',
      found === null
        ? 'verification has found nothing damaged in this log'
        : `verification stands at a_${found} (${known?.found_by ?? ''}), not at a_${logIndex}: only what it found can be void`,
    )
  }
  // What is missing of a ledger is told by what was verified of it, and what was signed by the anchor, if it is this log's.
  if (verifiedSize !== tree.size || (tree.size > 0 && !isAnchored))
    throw new VoidRefused(
      'UNCONFIRMED',
      isAnchored
        ? `the signed head of size ${tree.size} is not confirmed at the anchor yet: try again`
        : 'the anchor holds nothing of this log: look whether it is the one of this plane',
    )
  return tree
}

function signedAlready(recordId: string, logIndex: number): VoidRefused {
  return new VoidRefused(
    'VERIFIED',
    `a signed head covers a_${logIndex}: ${recordId} is not made void. Repair it from a backup, or from the tenant's answer`,
  )
}

async function readFirst(tx: Tx, tenantNo: number, logIndex: number, order: VoidOrder): Promise<First> {
  const [row] = await selectDeltasFrom(tx, tenantNo, logIndex, logIndex + 1)
  const customerId = row?.customer_id ?? order.customerId
  if (customerId === null)
    throw new VoidRefused(
      'CUSTOMER_NEEDED',
      `nothing stored tells whose a_${logIndex} was: say --customer, as it was answered`,
    )
  const isSaid = row !== undefined && row.customer_id !== null
  if (isSaid && order.customerId !== null && order.customerId !== row.customer_id)
    throw new VoidRefused('SAID_BY_THE_ROW', `the row says that it is ${row.customer_id}'s`)
  const customerNo = row?.customer_no ?? (await selectNumberOf(tx, tenantNo, customerId))
  if (customerNo === undefined) throw new VoidRefused('CUSTOMER_NEEDED', `there is no customer ${customerId}`)
  return { row: row ?? null, customerNo, customerId }
}

/** What is wrong at the first place, and the later deltas of its customer that cannot stand without it. */
async function judge(
  tx: Tx,
  tenantNo: number,
  tree: ProvedTree,
  logIndex: number,
  { row, customerNo, customerId }: First,
): Promise<{ readonly damage: readonly string[]; readonly behind: readonly StoredDelta[] }> {
  const read = await readEndInTree(tx, tenantNo, tree, customerNo)
  let end: VerifiedEnd = read ?? newCustomerEnd(customerNo, customerId)
  const damage = row === null ? ['the row is missing'] : textsOf(row, end)
  if (damage.length === 0)
    throw new VoidRefused(
      'SOUND',
      `a_${logIndex} is sound: it was repaired, and verification goes on by itself`,
    )
  const behind: StoredDelta[] = []
  for (const later of await selectDeltasBehind(tx, tenantNo, customerNo, logIndex)) {
    const { ends, discrepancy } = recomputeAlone(later, end)
    if (discrepancy === null) end = ends.get(customerNo) ?? end
    else behind.push(later)
  }
  return { damage, behind }
}

function recomputeAlone(row: StoredDelta, end: VerifiedEnd) {
  return recompute([row], row.log_index, () => end, null)
}

function textsOf(row: StoredDelta, end: VerifiedEnd): readonly string[] {
  return recomputeAlone(row, end).discrepancy?.texts ?? []
}

function placeOfFirst(logIndex: number, { row, customerId }: First, { recordId, delta }: VoidOrder) {
  const kept: KeptRow | null = row === null ? null : { kind: 'delta', row }
  const added = kept === null ? undefined : addedBy(kept)
  if (added !== undefined && delta !== null && delta !== added)
    throw new VoidRefused('SAID_BY_THE_ROW', `the row says that it added ${formatAmount(added)}`)
  const amount = added ?? delta
  if (amount === null)
    throw new VoidRefused(
      'DELTA_NEEDED',
      `nothing stored tells what a_${logIndex} added: say --delta, as it was answered`,
    )
  return { ...placed(logIndex, customerId, amount, kept), record_id: recordId }
}

/** `first`: of the same customer, whose name may be all that is lost. */
function placeOf(row: StoredDelta | null, { customerId }: First) {
  const kept = row && { kind: 'delta' as const, row }
  const amount = kept === null ? undefined : addedBy(kept)
  if (row === null || amount === undefined)
    throw new VoidRefused('OTHER_DAMAGE', `a_${row?.log_index} behind it says no amount: repair that first`)
  return {
    ...placed(row.log_index, customerId, amount, kept),
    record_id: recordIdOf(row.log_index, row.record_nonce),
  }
}

function placed(logIndex: number, customerId: string, amount: Amount, kept: KeptRow | null) {
  return {
    log_index: logIndex,
    customer_id: customerId,
    amount: formatAmount(subtractAmounts(ZERO, amount)),
    kept: kept && keptText(kept),
  }
}

/** By the judge of the worker, fsck and the scrubber. */
function requireRight(row: StoredVoid): StoredVoid {
  const { texts } = judgeVoid(row)
  if (texts.length > 0) throw new Error(`a void that is none: ${texts.join('; ')}`)
  return row
}

/** Checkpoints of the customer that no longer hold, now that those deltas are gone, are void as well. Gives their ids. */
async function voidCheckpoints(
  tx: Tx,
  tenantNo: number,
  tree: ProvedTree,
  customerNo: number,
  logIndex: number,
  { size }: LockedLog,
  newVoid: (
    place: Pick<StoredVoid, 'log_index' | 'record_id' | 'customer_id' | 'amount' | 'kept'>,
    createdAt: Timestamp,
  ) => StoredVoid,
): Promise<readonly string[]> {
  const entries = await selectOtherEntries(tx, tenantNo, logIndex + 1, size)
  const voids: StoredVoid[] = []
  for (const [at, entry] of entries) {
    if (entry.kind !== 'checkpoint' || entry.row.customer_no !== customerNo) continue
    const judged = await judgeEntries(tx, tenantNo, tree, new Map([[at, entry]]))
    if (judged.get(at)?.texts.length === 0) continue
    const kept = keptText({ kind: 'checkpoint', row: entry.row })
    const place = { log_index: at, customer_id: entry.row.customer_id ?? '', amount: '0', kept }
    voids.push(
      requireRight(newVoid({ ...place, record_id: checkpointIdOf(entry.row) }, entry.row.created_at)),
    )
  }
  if (voids.length > 0) await replaceByVoids(tx, tenantNo, 'checkpoint', voids)
  return voids.map(({ record_id }) => record_id)
}
