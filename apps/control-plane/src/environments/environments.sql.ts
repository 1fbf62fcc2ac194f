import type { Environment } from '@pacspace/api/environment'
import type { ContractId, TenantId, UserId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'

/** As stored; a tenant without a row has not asked for the environment (`not_provisioned`). */
export type ContractStatus = 'provisioning' | 'active' | 'error'

export interface ContractRow {
  readonly id: ContractId
  readonly environment: Environment
  readonly status: ContractStatus
  /** Beside `error` only. */
  readonly reason: string | null
  readonly provisionedAt: Timestamp | null
}

/**
 * Asks for an environment: writes its contract, or starts a failed one again. Gives true when provisioning starts by
 * this, false when it is active or under way already. Locks the contract's row.
 */
export async function insertOrRestartContract(
  db: Db,
  contract: {
    readonly id: ContractId
    readonly tenantId: TenantId
    readonly environment: Environment
    readonly now: Timestamp
  },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into contract as c (tenant_id, environment, id, status, requested_at)
     values ($1, $2, $3, 'provisioning', $4)
     on conflict (tenant_id, environment) do update
     set status = 'provisioning', reason = null, requested_at = excluded.requested_at
     where c.status = 'error'`,
    [contract.tenantId, contract.environment, contract.id, contract.now],
  )
  return rowCount === 1
}

/** The contracts of a tenant, Sandbox first. Index: primary key. */
export async function listContractsOfTenant(db: Db, tenantId: TenantId): Promise<ContractRow[]> {
  const { rows } = await db.query<ContractRow>(
    `select id, environment, status, reason, provisioned_at as "provisionedAt"
     from contract
     where tenant_id = $1
     order by environment desc`,
    [tenantId],
  )
  return rows
}

/** One contract, by its primary key. */
export async function findContract(
  db: Db,
  tenantId: TenantId,
  environment: Environment,
): Promise<ContractRow | undefined> {
  const { rows } = await db.query<ContractRow>(
    `select id, environment, status, reason, provisioned_at as "provisionedAt"
     from contract
     where tenant_id = $1 and environment = $2`,
    [tenantId, environment],
  )
  return rows[0]
}

/** Writes the end of a provisioning: `active`, or `error` with its reason. False where none is under way: it had ended. */
export async function finishProvisioning(
  db: Db,
  end: {
    readonly tenantId: TenantId
    readonly environment: Environment
    /** Undefined = it went well. */
    readonly failure: string | undefined
    readonly now: Timestamp
  },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update contract
     set status = case when $3::text is null then 'active' else 'error' end,
         reason = $3,
         provisioned_at = case when $3::text is null then $4::timestamptz else provisioned_at end
     where tenant_id = $1 and environment = $2 and status = 'provisioning'`,
    [end.tenantId, end.environment, end.failure ?? null, end.now],
  )
  return rowCount === 1
}

/** Contracts whose provisioning was asked for before `before` and has not ended. Index: contract_provisioning. */
export async function listUnfinishedProvisionings(
  db: Db,
  before: Timestamp,
  limit: number,
): Promise<{ readonly tenantId: TenantId; readonly environment: Environment }[]> {
  const { rows } = await db.query<{ tenantId: TenantId; environment: Environment }>(
    `select tenant_id as "tenantId", environment
     from contract
     where status = 'provisioning' and requested_at <= $1::timestamptz
     order by requested_at
     limit $2`,
    [before, limit],
  )
  return rows
}

/** The environment that a person prefers; undefined where the person was removed. Index: primary key. */
export async function findPreferredEnvironment(db: Db, userId: UserId): Promise<Environment | undefined> {
  const { rows } = await db.query<{ environment: Environment }>(
    `select preferred_environment as environment from tenant_user where id = $1`,
    [userId],
  )
  return rows[0]?.environment
}
