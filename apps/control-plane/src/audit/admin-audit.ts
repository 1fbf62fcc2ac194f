import { createPool } from '@pacspace/service/postgres'
import type { AuditConfiguration } from '../configuration.ts'
import { findingOfJournal } from './anchor-activity.ts'
import { AuditJournal } from './audit-journal.ts'
import { createAuditSigner } from './audit-signer.ts'
import { type AuditLogCheck, checkAuditLog } from './check-audit-log.ts'

/**
 * The operator's check of the activity log (`pacspace admin audit`): derives it again and holds it against its heads, and
 * against its journal where there is one.
 */
export async function runAuditCheck(
  { databaseUrl, publicUrl, auditKey, auditAnchorDir }: AuditConfiguration,
  role: string,
): Promise<AuditLogCheck> {
  const db = createPool({ url: databaseUrl, role, applicationName: 'pacspace admin', max: 1 })
  try {
    const { size, findings } = await checkAuditLog(db, createAuditSigner(auditKey, publicUrl).verifierKey)
    const journal = auditAnchorDir === undefined ? undefined : AuditJournal.in(auditAnchorDir)
    const finding = journal && (await findingOfJournal(db, journal))
    return { size, findings: finding === undefined ? findings : [...findings, finding] }
  } finally {
    await db.end()
  }
}
