/** What other capabilities may use of fsck. */
export { type CheckedPage, checkLog } from './check-log.ts'
export { describeFinding, describeOrphan, type Finding } from './finding.ts'
export { type CheckedLog, selectLogless, selectLogs, selectOrphans } from './fsck.sql.ts'
export { snapshotsOf } from './fsck.ts'
