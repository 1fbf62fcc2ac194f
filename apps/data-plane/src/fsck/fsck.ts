import type { Db } from '@pacspace/service/postgres'
import type { FileAnchor } from '../anchors/front-door.ts'
import { checkLog } from './check-log.ts'
import { selectLogs, selectOrphans } from './fsck.sql.ts'

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
  /** As the owner of the tables. */
  readonly db: Db
  readonly fileAnchor: Pick<FileAnchor, 'peek'>
}

/**
 * Derives everything again from the ledger's content, whatever the heads say, and compares it with what is stored: rows,
 * balances, roots, nodes, tiles, signed heads, verified ends, keys of batches, the anchor. Changes nothing. The last line
 * of every test of the data plane.
 */
export async function fsck({ db, fileAnchor }: FsckOptions): Promise<FsckReport> {
  const logs = await selectLogs(db)
  const total = { logs: logs.length, deltas: 0, customers: 0, notes: 0, tiles: 0 }
  const findings = (await selectOrphans(db)).map(
    ({ name, tenant_id }) => `${name}: rows of tenant ${tenant_id}, which has no log`,
  )
  for (const log of logs) {
    const checked = await checkLog(db, fileAnchor, log)
    total.deltas += checked.deltas
    total.customers += checked.customers
    total.notes += checked.notes
    total.tiles += checked.tiles
    findings.push(...checked.findings)
  }
  return { ...total, findings }
}
