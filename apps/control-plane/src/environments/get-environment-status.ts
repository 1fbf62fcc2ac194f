import { getEnvironmentStatus as definition } from '@pacspace/api/definition/environments'
import { Problem } from '@pacspace/api/problem'
import { implement } from '../context.ts'
import { listEnvironmentStates } from './environment-state.ts'

/** The state of both environments of the caller's tenant. Any role. Any other id, whether it exists or not, is a 404. */
export const getEnvironmentStatus = implement(definition, async ({ principal, input }, { db }) => {
  const { tenantId } = principal
  if (input.params.tenantId !== tenantId) throw new Problem('NOT_FOUND')
  return { tenantId, environments: await listEnvironmentStates(db, tenantId) }
})
