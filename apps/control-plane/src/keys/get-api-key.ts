import { getApiKey as definition } from '@pacspace/api/definition/keys'
import { implement } from '../context.ts'
import { locateKey } from './locate-key.ts'

/** One API key of the caller's tenant, of either environment, never with its secret. Any role. */
export const getApiKey = implement(definition, async ({ principal, input }, context) => {
  const { key } = await locateKey(principal.tenantId, input.params.keyId, context)
  return key
})
