import type { TenantId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db, Tx } from '@pacspace/service/postgres'

export interface TenantRow {
  readonly companyName: string
  readonly createdAt: Timestamp
}

/** A tenant with its settings. Index: primary key. */
export async function findTenant(db: Db, tenantId: TenantId): Promise<TenantRow | undefined> {
  const { rows } = await db.query<TenantRow>(
    'select company_name as "companyName", created_at as "createdAt" from tenant where id = $1',
    [tenantId],
  )
  return rows[0]
}

/** Changes settings in part: null stays. Locks the tenant's row. */
export async function updateSettings(
  tx: Tx,
  tenantId: TenantId,
  settings: { readonly companyName: string | null },
): Promise<void> {
  await tx.query('update tenant set company_name = coalesce($2, company_name) where id = $1', [
    tenantId,
    settings.companyName,
  ])
}
