/** What other capabilities may use of tenants. */
export { selectTenantNo } from './tenants.sql.ts'
