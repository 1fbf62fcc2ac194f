import type { TenantId } from '@pacspace/api/id'
import type { Db } from '@pacspace/service/postgres'
import { listEnvironmentStates } from '../environments/front-door.ts'
import { findTenant } from './tenant.sql.ts'

/** A tenant as answers show it. Throws for an id that no tenant has: the caller's own always exists. */
export async function tenantAnswer(db: Db, tenantId: TenantId) {
  const tenant = await findTenant(db, tenantId)
  if (tenant === undefined) throw new Error(`there is no tenant ${tenantId}`)
  const { companyName, publicRecords, createdAt } = tenant
  const environments = await listEnvironmentStates(db, tenantId)
  return { id: tenantId, companyName, publicRecords, status: 'active' as const, environments, createdAt }
}
