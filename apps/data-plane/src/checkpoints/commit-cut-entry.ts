import {
  type CommitContext,
  commitUnderLock,
  type Decision,
  type LockedLog,
  newMark,
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
    commit: async (tenantNo, units) => {
      const outcomes: (readonly boolean[])[] = []
      for (const unit of units) outcomes.push(await commitEntry(context, tenantNo, unit))
      return outcomes.flat()
    },
  }
}

function commitEntry(context: CommitContext, tenantNo: number, { cut, figures }: CutEntryUnit) {
  return commitUnderLock(
    context,
    tenantNo,
    async (connection, log: LockedLog, createdAt): Promise<Decision<boolean>> => {
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
          isThere: async (db) =>
            (await selectCheckpointByNonce(db, tenantNo, cut.nonce))?.log_index === log.size,
          remember: () => context.memory.store(tenantNo, log.append_mark, appendMark, new Map()),
        },
      }
    },
  )
}
