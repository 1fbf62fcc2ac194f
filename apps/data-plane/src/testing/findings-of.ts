import { sqlStateOf, transaction } from '@pacspace/service/postgres'
import { fsck } from '../fsck/fsck.ts'
import type { Damage } from './ledger-damage.ts'
import type { TestDataPlane } from './test-data-plane.ts'

class RolledBack extends Error {}

/** SQLSTATE class of violated constraints. */
const CONSTRAINT = '23'

/**
 * What fsck finds after a damage made as the owner with triggers and foreign keys off; nothing of it stays. `refused`:
 * a constraint of the table refuses such a row, whoever writes it.
 */
export async function findingsOf(
  plane: TestDataPlane,
  { name, statement }: Pick<Damage, 'name' | 'statement'>,
): Promise<readonly string[] | 'refused'> {
  let findings: readonly string[] | 'refused' = []
  await transaction(plane.owner, async (tx) => {
    await tx.query('set local session_replication_role = replica')
    const { rowCount } = await tx.query(statement).catch((error) => {
      if (!sqlStateOf(error)?.startsWith(CONSTRAINT)) throw error
      findings = 'refused'
      throw new RolledBack()
    })
    if (rowCount === 0) throw new Error(`${name}: the damage changed nothing`)
    findings = (await fsck({ db: tx, fileAnchor: plane.worker.fileAnchor })).findings
    throw new RolledBack()
  }).catch((error) => {
    if (!(error instanceof RolledBack)) throw error
  })
  return findings
}
