import { isUnavailable, Pool, type Tx, transaction } from '@pacspace/service/postgres'
import type { FileAnchor } from '../anchors/front-door.ts'
import { checkLog } from './check-log.ts'
import type { AnchorsSeen } from './check-notes.ts'
import { finding } from './finding.ts'
import { selectLogIds, selectLogs, selectMissing, selectOrphans } from './fsck.sql.ts'

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
  readonly fileAnchor: Pick<FileAnchor, 'peek'>
}

/**
 * Derives everything again from the ledger's content, whatever the heads say, and compares it with what is stored: rows,
 * balances, roots, nodes, tiles, signed heads, verified ends, keys of batches, the anchor. Changes nothing. The last line
 * of every test of the data plane.
 */
export async function fsck({ db, fileAnchor }: FsckOptions): Promise<FsckReport> {
  const before: Map<string, Awaited<ReturnType<FileAnchor['peek']>> & {}> = new Map()
  for (const logId of await selectLogIds(db)) {
    const head = await fileAnchor.peek(logId)
    if (head !== undefined) before.set(logId, head)
  }
  const anchors = { before, now: fileAnchor }
  if (!(db instanceof Pool)) return checkPlane(db, anchors)
  return transaction(db, (tx) => checkPlane(tx, anchors), { isolation: 'repeatable read', readOnly: true })
}

async function checkPlane(tx: Tx, anchors: AnchorsSeen): Promise<FsckReport> {
  const logs = await selectLogs(tx)
  const total = { logs: logs.length, deltas: 0, customers: 0, notes: 0, tiles: 0 }
  const findings = [
    ...(await selectMissing(tx)).map(({ name, tenant }) => finding(name, tenant, 'row', 'is missing')),
    ...(await selectOrphans(tx)).map(({ name, tenant }) =>
      finding(name, tenant, 'rows', 'there is no log for them'),
    ),
  ]
  for (const log of logs) {
    try {
      const checked = await checkLog(tx, anchors, log)
      total.deltas += checked.deltas
      total.customers += checked.customers
      total.notes += checked.notes
      total.tiles += checked.tiles
      findings.push(...checked.findings)
    } catch (error) {
      if (isUnavailable(error)) throw error
      // A value in a form that nothing here writes, where no check expects one.
      findings.push(finding('log', log.tenant_public_id, 'as a whole', `cannot be read: ${String(error)}`))
    }
  }
  return { ...total, findings }
}
