/** What other capabilities may use of audit. */
export { type AuditEntry, audit } from './audit.ts'
export { type AskedChange, auditedChange } from './audited-change.ts'
