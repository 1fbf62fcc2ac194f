import { createPool } from '@pacspace/service/postgres'
import type { AuditConfiguration } from '../configuration.ts'
import { createAuditSigner } from './audit-signer.ts'
import { type AuditLogCheck, checkAuditLog } from './check-audit-log.ts'

/** The operator's check of the activity log (`pacspace admin audit`): derives it again and holds it against its heads. */
export async function runAuditCheck(
  { databaseUrl, publicUrl, auditKey }: AuditConfiguration,
  role: string,
): Promise<AuditLogCheck> {
  const db = createPool({ url: databaseUrl, role, applicationName: 'pacspace admin', max: 1 })
  try {
    return await checkAuditLog(db, createAuditSigner(auditKey, publicUrl).verifierKey)
  } finally {
    await db.end()
  }
}
