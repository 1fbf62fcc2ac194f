import type { Db } from '@pacspace/service/postgres'
import { type OtherEntry, selectOtherEntries } from '../ledger/front-door.ts'
import { type CheckedRow, selectRows, selectUnreadable } from './fsck.sql.ts'

/** Said of a row that the driver cannot give back as it is stored. */
export const UNREADABLE = 'a time or an amount of a form that nobody writes'

/** The entries of a stretch of a log, up to the first that cannot be read. */
export interface Stretch {
  readonly rows: readonly CheckedRow[]
  readonly others: ReadonlyMap<number, OtherEntry>
  /** Log index of the first that cannot be read; infinite where all can. */
  readonly unreadable: number
}

/** Reads the stretch [from, to) of a log, from all tables. */
export async function readStretch(db: Db, tenantNo: number, from: number, to: number): Promise<Stretch> {
  const rows = await selectRows(db, tenantNo, from, to)
  const unreadable = Math.min(
    rows.find(({ is_readable }) => !is_readable)?.log_index ?? Number.POSITIVE_INFINITY,
    (await selectUnreadable(db, tenantNo, from, to)) ?? Number.POSITIVE_INFINITY,
  )
  const others = await selectOtherEntries(db, tenantNo, from, Math.min(to, unreadable))
  return { rows: rows.filter(({ log_index }) => log_index < unreadable), others, unreadable }
}
