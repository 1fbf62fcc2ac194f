import { equalBytes } from '@pacspace/proofs/bytes'
import { toHex } from '@pacspace/proofs/hex'
import type { Db } from '@pacspace/service/postgres'
import { cutDifferences, judgeParts } from '../anchors/front-door.ts'
import type { Finding } from './finding.ts'
import { type CheckedCut, selectCuts, selectKeptCheckpoints, selectUnreadableCuts } from './fsck.sql.ts'

/**
 * Checkpoints of all customers: each part against the ledger, whose rows were derived before; the worker's own root against
 * theirs; and the keys of checkpoints against their kept requests. Entries in the log are held against the cuts and parts
 * by the walk of the rows.
 */
export async function checkCutsOf(db: Db, tenantNo: number): Promise<Finding[]> {
  const unreadable = await selectUnreadableCuts(db, tenantNo)
  if (unreadable.length > 0) {
    return unreadable.map(({ name, row, log_index }) => ({
      table: name,
      row,
      text: 'a time or an amount of a form that nobody writes',
      logIndex: log_index,
    }))
  }
  const findings: Finding[] = []
  for (const cut of await selectCuts(db, tenantNo)) findings.push(...(await checkCut(db, tenantNo, cut)))
  for (const { row, log_index, text } of await selectKeptCheckpoints(db, tenantNo))
    findings.push({ table: 'batch_request', row, text, logIndex: log_index })
  return findings
}

async function checkCut(db: Db, tenantNo: number, cut: CheckedCut): Promise<Finding[]> {
  const row = `nonce ${toHex(cut.nonce)}`
  const found = (table: string, text: string): Finding => ({ table, row, text, logIndex: cut.log_index })
  if (!cut.is_there)
    return [found(cut.has_check ? 'checkpoint_check' : 'checkpoint_part', 'there is no such cut')]
  const { isWhole, root, texts } = await judgeParts(db, tenantNo, null, cut)
  const findings = [
    ...cutDifferences(cut).map((text) => found('checkpoint_cut', text)),
    ...texts.map((text) => found('checkpoint_part', text)),
  ]
  const mustBeWhole = cut.is_in_log || cut.checked_root !== null
  if (mustBeWhole && !isWhole) findings.push(found('checkpoint_part', 'rows are missing'))
  if (cut.is_in_log && cut.checked_root === null) findings.push(found('checkpoint_check', 'root: missing'))
  if (cut.checked_root !== null && !equalBytes(cut.checked_root, root))
    findings.push(found('checkpoint_check', 'root: not that of the parts'))
  if (cut.checked_root !== null && cut.check_text !== '[]')
    findings.push(found('checkpoint_check', 'discrepancies: beside a root'))
  return findings
}
