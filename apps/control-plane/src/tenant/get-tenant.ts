import { getTenant as definition } from '@pacspace/api/definition/tenant'
import { implement } from '../context.ts'
import { tenantAnswer } from './tenant-answer.ts'

/** The caller's tenant with its settings and environments. Any role. */
export const getTenant = implement(definition, async ({ principal }, { db }) => {
  return await tenantAnswer(db, principal.tenantId)
})
