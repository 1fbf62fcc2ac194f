import { type Environment, environments, spelling } from '@pacspace/api/environment'
import type { TenantId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import {
  type ContractRow,
  type ContractStatus,
  findContract,
  listContractsOfTenant,
} from './environments.sql.ts'

/** How one environment of a tenant is shown. */
export interface EnvironmentState {
  readonly environment: 'testnet' | 'mainnet'
  readonly status: 'not_provisioned' | ContractStatus
  /** Left out where nothing was asked for, null until it is active for the first time. */
  readonly provisionedAt?: Timestamp | null
  /** Beside `error` only. */
  readonly reason?: string
}

/** Both environments of a tenant, Sandbox first, provisioned or not. */
export async function listEnvironmentStates(db: Db, tenantId: TenantId): Promise<EnvironmentState[]> {
  const contracts = await listContractsOfTenant(db, tenantId)
  return environments.map((environment) => stateOf(environment, contracts))
}

/** The environments that a tenant has asked for: those that have a plane to ask. */
export async function listRequestedEnvironments(db: Db, tenantId: TenantId): Promise<Environment[]> {
  const contracts = await listContractsOfTenant(db, tenantId)
  return contracts.map(({ environment }) => environment)
}

/** The contract of a tenant in an environment, if it was asked for. */
export async function getContract(
  db: Db,
  tenantId: TenantId,
  environment: Environment,
): Promise<ContractRow | undefined> {
  return await findContract(db, tenantId, environment)
}

function stateOf(environment: Environment, contracts: readonly ContractRow[]): EnvironmentState {
  const wire = spelling[environment].contract
  const contract = contracts.find((row) => row.environment === environment)
  if (contract === undefined) return { environment: wire, status: 'not_provisioned' }
  const { status, provisionedAt, reason } = contract
  const state = { environment: wire, status, provisionedAt }
  return reason === null ? state : { ...state, reason }
}
