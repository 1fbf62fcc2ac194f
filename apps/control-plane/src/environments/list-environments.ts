import { listEnvironments as definition } from '@pacspace/api/definition/environments'
import { spelling } from '@pacspace/api/environment'
import { implement } from '../context.ts'
import { listContractsOfTenant } from './environments.sql.ts'

/** The environments that the caller's tenant has asked for, Sandbox first. Any role. */
export const listEnvironments = implement(definition, async ({ principal }, { db }) => {
  const { tenantId } = principal
  const contracts = await listContractsOfTenant(db, tenantId)
  return contracts.map(({ id, environment, status, provisionedAt }) => ({
    id,
    tenantId,
    environment: spelling[environment].contract,
    status,
    provisionedAt,
  }))
})
