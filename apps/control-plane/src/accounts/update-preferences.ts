import { updatePreferences as definition } from '@pacspace/api/definition/accounts'
import { implement } from '../context.ts'
import { updatePreferredEnvironment } from './accounts.sql.ts'

/**
 * Saves which environment a person works in, for all their devices. Any role; always allowed, whatever the plan: it is a
 * preference and no entitlement (environments page, product.md §4).
 */
export const updatePreferences = implement(definition, async ({ principal, input }, { db }) => {
  const { preferredEnvironment } = input.body
  await updatePreferredEnvironment(db, principal.userId, preferredEnvironment)
  return { preferredEnvironment }
})
