import { type Db, transaction } from '@pacspace/service/postgres'
import type { ControlPlaneContext } from '../context.ts'
import type { AuditJournal, JournalHead } from './audit-journal.ts'
import { findHead, findRootAt, lockLog } from './audit-log.sql.ts'

/** The journal has a head that the database has not: it was restored from an older backup, or somebody took entries away. */
export class ActivityBehindJournal extends Error {
  override name = 'ActivityBehindJournal'
}

/**
 * Background step, at start and after each growth: writes the newest signed head into the journal outside the database. Reads the
 * journal first: where that has a head which the database has not, or with another root, nothing is written, and it throws
 * ActivityBehindJournal. Under the log's lock, so that processes take turns; the file is written inside the transaction for
 * that reason alone. Only committed heads are there to be read; if the process dies before the line is whole, the next round
 * cuts it and writes it again.
 */
export async function anchorActivity({
  db,
  auditJournal,
}: Pick<ControlPlaneContext, 'db' | 'auditJournal'>): Promise<void> {
  if (auditJournal === null) return
  await transaction(db, async (tx) => {
    await lockLog(tx)
    const [head, last] = [await findHead(tx), await auditJournal.last()]
    if (last !== undefined) requireSame(last, await findRootAt(tx, last.size))
    if (head !== undefined && head.size > (last?.size ?? 0)) await auditJournal.append(head)
  })
}

function requireSame(last: JournalHead, stored: Uint8Array | undefined): void {
  const difference = differenceOf(last, stored)
  if (difference === undefined) return
  throw new ActivityBehindJournal(
    `${difference}. Restore a newer backup; to go on without what is missing, move the journal away and keep it`,
  )
}

/** What does not hold between a journal's largest head and the database; undefined where all does. Changes nothing. */
export async function findingOfJournal(db: Db, journal: AuditJournal): Promise<string | undefined> {
  const last = await journal.last()
  return last && differenceOf(last, await findRootAt(db, last.size))
}

function differenceOf({ size, root }: JournalHead, stored: Uint8Array | undefined): string | undefined {
  if (stored !== undefined && Buffer.from(stored).equals(root)) return undefined
  const what = stored === undefined ? 'does not reach it' : 'has another root there'
  return `the journal has a signed head of the activity log of ${size} entries, and the database ${what}`
}
