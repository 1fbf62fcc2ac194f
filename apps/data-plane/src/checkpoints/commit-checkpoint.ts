import type { ProblemCode } from '@pacspace/api/problem'
import type { Timestamp } from '@pacspace/api/timestamp'
import { equalBytes } from '@pacspace/proofs/bytes'
import type { Connection, Db } from '@pacspace/service/postgres'
import {
  type CommitContext,
  type Decision,
  findCustomer,
  groupTurns,
  ID_NONCE_BYTES,
  insertBatchRequests,
  type LockedLog,
  newMark,
  onlyUnit,
  selectBatchesByKey,
  selectUsedKeys,
  type UnitKind,
} from '../ledger/front-door.ts'
import {
  type FoundCheckpoint,
  selectCheckpointByKey,
  selectCheckpointByNonce,
  selectClosingCheckpoint,
} from './checkpoint.sql.ts'
import { type CheckpointOutcome, type CheckpointUnit, checkpointRequestHash } from './checkpoint-unit.ts'
import { cutOf } from './cut.ts'
import { selectFigures } from './figures.sql.ts'
import { figuresOf, storedCut } from './figures.ts'
import {
  insertCheckpoint,
  insertCut,
  type NewCut,
  type NewFigures,
  selectCustomerNo,
} from './insert-checkpoint.sql.ts'

/**
 * How checkpoints are taken: each in a commit of its own, under the log's lock, so that the log's size and time are those
 * of the cut. Of one customer: record and entry are written at once. Of all: only the cut is; see `build-cuts.ts`.
 */
export function checkpointKind(context: CommitContext): UnitKind<CheckpointUnit, CheckpointOutcome> {
  return {
    rowsOf: () => 1,
    groupRowsMax: 1,
    open: groupTurns(context, (tenantNo) => ({
      read: async () => undefined,
      decide: (connection, log, now, parts) =>
        decide(context, connection, tenantNo, log, now, onlyUnit(parts)),
    })),
  }
}

/** Key → replay or conflict; plan; customer; scope; a month that is closed already → its checkpoint; then the cut. */
async function decide(
  context: CommitContext,
  connection: Connection,
  tenantNo: number,
  log: LockedLog,
  now: Timestamp,
  unit: CheckpointUnit,
): Promise<Decision<CheckpointOutcome>> {
  const seen = await earlierAnswer(connection, tenantNo, unit)
  if (seen !== undefined) return { outcomes: [seen], write: null }
  if (!log.writes_allowed) return refused('PLAN_UPGRADE_REQUIRED')
  const { customerId } = unit
  const customerNo = customerId === null ? null : await selectCustomerNo(connection, tenantNo, customerId)
  if (customerNo === undefined) return await refuseCustomer(connection, tenantNo, customerId ?? '')
  const plain = cutOf(unit.scope, log.size, now)
  if (plain === undefined) return refused('VALIDATION_ERROR', FUTURE)
  const { mode, fingerprints, keyDigest } = unit
  if (plain.closed && plain.period !== null) {
    const closing = await selectClosingCheckpoint(connection, tenantNo, customerNo, plain.period)
    if (closing !== undefined) {
      return { outcomes: [{ kind: 'done', checkpoint: closing, isReplay: true }], write: null }
    }
  }
  const cut = { ...plain, nonce: context.randomBytes(ID_NONCE_BYTES), mode, fingerprints, keyDigest }
  const figures = customerNo === null ? null : await figuresAt(connection, tenantNo, customerNo, cut)
  const checkpoint = foundOf(cut, customerId, figures, log.size)
  return {
    outcomes: [{ kind: 'done', checkpoint, isReplay: false }],
    write: writeOf(context, tenantNo, log, unit, cut, figures),
  }
}

const FUTURE = 'Validation failed: period lies in the future: nothing can be locked that has not begun'

/** A customer that was created and has no delta has no tree either: no root would name its ledger. */
async function refuseCustomer(
  connection: Connection,
  tenantNo: number,
  customerId: string,
): Promise<Decision<CheckpointOutcome>> {
  const isCreated = (await findCustomer(connection, tenantNo, customerId)) !== undefined
  return refused('CUSTOMER_NOT_FOUND', isCreated ? NOTHING_TO_LOCK : undefined)
}

const NOTHING_TO_LOCK = 'This customer has no delta yet: there is nothing to lock'

function refused(code: ProblemCode, message?: string): Decision<CheckpointOutcome> {
  return { outcomes: [{ kind: 'refused', code, ...(message !== undefined && { message }) }], write: null }
}

/** The first answer to this key, a conflict, or undefined where the key is new. */
async function earlierAnswer(
  connection: Connection,
  tenantNo: number,
  unit: CheckpointUnit,
): Promise<CheckpointOutcome | undefined> {
  const { keyDigest } = unit
  if (keyDigest === null) return undefined
  const [used] = await selectUsedKeys(connection, tenantNo, [keyDigest])
  if (used === undefined) return undefined
  const [request] = used.is_kept ? await selectBatchesByKey(connection, tenantNo, [keyDigest]) : []
  const isSame =
    request?.kind === 'checkpoint' && equalBytes(request.request_hash, checkpointRequestHash(unit))
  const checkpoint = isSame ? await selectCheckpointByKey(connection, tenantNo, keyDigest) : undefined
  if (checkpoint === undefined) return { kind: 'refused', code: 'IDEMPOTENCY_CONFLICT' }
  return { kind: 'done', checkpoint, isReplay: true }
}

async function figuresAt(db: Db, tenantNo: number, customerNo: number, cut: NewCut): Promise<NewFigures> {
  const [row] = await selectFigures(db, tenantNo, [customerNo], cut)
  if (row === undefined) throw new Error(`customer ${customerNo} of tenant ${tenantNo} is gone`)
  return figuresOf(cut, row)
}

/** What was decided, as it will be read back. */
function foundOf(
  cut: NewCut,
  customerId: string | null,
  figures: NewFigures | null,
  logIndex: number,
): FoundCheckpoint {
  return {
    ...storedCut(cut),
    log_index: figures === null ? null : logIndex,
    customer_no: figures?.customerNo ?? null,
    customer_id: customerId,
    from_seq: figures?.fromSeq ?? null,
    to_seq: figures?.toSeq ?? null,
    deltas_count: figures?.deltasCount ?? null,
    starting_balance: figures?.startingBalance ?? null,
    net_change: figures?.netChange ?? null,
    ending_balance: figures?.endingBalance ?? null,
    items_root: figures?.itemsRoot == null ? null : Buffer.from(figures.itemsRoot),
    proof_root: figures === null ? null : Buffer.from(figures.proofRoot),
    is_part: false,
  }
}

function writeOf(
  context: CommitContext,
  tenantNo: number,
  log: LockedLog,
  unit: CheckpointUnit,
  cut: NewCut,
  figures: NewFigures | null,
): NonNullable<Decision<CheckpointOutcome>['write']> {
  const appendMark = newMark(context.randomBytes)
  const { keyDigest } = unit
  return {
    rowCount: 1,
    issue: (db) => {
      const entry = { logIndex: log.size, createdAt: cut.cutAt, cut, appendMark }
      const row =
        figures === null
          ? insertCut(db, tenantNo, cut, appendMark)
          : insertCheckpoint(db, tenantNo, { ...entry, figures })
      if (keyDigest === null) return [row]
      const requestHash = checkpointRequestHash(unit)
      const request = { kind: 'checkpoint' as const, firstIndex: null, rowCount: 1, unwritten: [] }
      return [row, insertBatchRequests(db, tenantNo, [{ ...request, keyDigest, requestHash }])]
    },
    isThere: async (db) => (await selectCheckpointByNonce(db, tenantNo, cut.nonce)) !== undefined,
    remember: () => context.memory.store(tenantNo, log.append_mark, appendMark, new Map()),
  }
}
