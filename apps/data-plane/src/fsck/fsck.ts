import { Pool, type Tx, transaction } from '@pacspace/service/postgres'
import type { NewestHead } from './check-heads.ts'
import { checkLog, type ReadAnchor, type Snapshot } from './check-log.ts'
import { describeFinding, describeOrphan } from './finding.ts'
import { type CheckedLog, selectLogless, selectLogs, selectOrphans } from './fsck.sql.ts'

export interface FsckReport {
  readonly logs: number
  readonly deltas: number
  readonly customers: number
  readonly notes: number
  readonly tiles: number
  /** Each names table, tenant and row. Empty: everything re-derived is equal to what is stored. */
  readonly findings: readonly string[]
}

export interface FsckOptions {
  /** As the owner of the tables. A pool: everything is read in one snapshot, so that the plane may run on meanwhile. */
  readonly db: Pool | Tx
  readonly fileAnchor: ReadAnchor
}

/** Rows read at once. */
const ROWS_AT_ONCE = 2_000

/**
 * Derives everything again from the ledger's content, whatever the heads say, and compares it with what is stored: rows,
 * balances, roots, nodes, tiles, signed heads, verified ends, keys of batches, the anchor. Changes nothing. The last line
 * of every test of the data plane.
 */
export async function fsck({ db, fileAnchor }: FsckOptions): Promise<FsckReport> {
  // The anchor first: what it holds now is in every later snapshot of the database, and not the other way round.
  const newest = new Map<number, NewestHead>()
  for (const log of await selectLogs(db)) newest.set(log.tenant_id, await peek(fileAnchor, log))
  const snapshot: Snapshot = db instanceof Pool ? snapshotsOf(db) : (work) => work(db)
  return snapshot(async (tx) => {
    const logs = await selectLogs(tx)
    const total = { logs: logs.length, deltas: 0, customers: 0, notes: 0, tiles: 0 }
    const findings = [
      ...(await selectLogless(tx)).map((tenant) => `log: tenant ${tenant}, row: is missing`),
      ...(await selectOrphans(tx)).map(describeOrphan),
    ]
    for (const log of logs) {
      const pages = checkLog(log, {
        snapshot: (work) => work(tx),
        anchor: fileAnchor,
        until: 'end',
        rowsAtOnce: ROWS_AT_ONCE,
        newestHead: newest.get(log.tenant_id),
      })
      const tenant = `tenant ${log.tenant_public_id ?? log.tenant_id}`
      for await (const page of pages) {
        total.deltas += page.deltas
        total.customers += page.customers
        total.notes += page.notes
        total.tiles += page.tiles
        for (const finding of page.findings) {
          findings.push(describeFinding({ ...finding, row: `${tenant}, ${finding.row}` }))
        }
      }
    }
    return { ...total, findings }
  })
}

/** Snapshots of a database that is being written: repeatable read, and nothing is changed. */
export function snapshotsOf(pool: Pool): Snapshot {
  return (work) => transaction(pool, work, { isolation: 'repeatable read', readOnly: true })
}

function peek(anchor: ReadAnchor, log: CheckedLog): Promise<NewestHead> {
  return anchor.peek(log.log_id).catch((error) => (error instanceof Error ? error : new Error(String(error))))
}
