import type { Timestamp } from '@pacspace/api/timestamp'
import type { Connection } from '@pacspace/service/postgres'
import {
  type CommitContext,
  type Decision,
  groupTurns,
  type LockedLog,
  newMark,
  onlyUnit,
  type UnitKind,
} from '../ledger/front-door.ts'
import { selectCheckpointByNonce } from './checkpoint.sql.ts'
import { insertCheckpoint, type NewCut, type NewFigures } from './insert-checkpoint.sql.ts'

/** A checkpoint of all customers whose parts are whole. */
export interface CutEntryUnit {
  readonly cut: NewCut
  readonly figures: NewFigures
}

/** How the entry of a checkpoint of all customers is appended: once, whoever builds it. True where it was written now. */
export function cutEntryKind(context: CommitContext): UnitKind<CutEntryUnit, boolean> {
  return {
    rowsOf: () => 1,
    groupRowsMax: 1,
    open: groupTurns(context, (tenantNo) => ({
      read: async () => undefined,
      decide: (connection, log, createdAt, parts) =>
        decide(context, connection, tenantNo, log, createdAt, onlyUnit(parts)),
    })),
  }
}

async function decide(
  context: CommitContext,
  connection: Connection,
  tenantNo: number,
  log: LockedLog,
  createdAt: Timestamp,
  { cut, figures }: CutEntryUnit,
): Promise<Decision<boolean>> {
  const known = await selectCheckpointByNonce(connection, tenantNo, cut.nonce)
  if (known !== undefined && known.log_index !== null) return { outcomes: [false], write: null }
  const appendMark = newMark(context.randomBytes)
  return {
    outcomes: [true],
    write: {
      rowCount: 1,
      issue: (db) => [
        insertCheckpoint(db, tenantNo, { logIndex: log.size, createdAt, cut, figures, appendMark }),
      ],
      isThere: async (db) => (await selectCheckpointByNonce(db, tenantNo, cut.nonce))?.log_index === log.size,
      remember: () => context.memory.store(tenantNo, log.append_mark, appendMark, new Map()),
    },
  }
}
