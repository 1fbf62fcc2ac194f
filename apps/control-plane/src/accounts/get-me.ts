import { getMe as definition } from '@pacspace/api/definition/accounts'
import { Problem } from '@pacspace/api/problem'
import { getTenantPlan } from '../billing/front-door.ts'
import { implement } from '../context.ts'
import { listEnvironmentStates } from '../environments/front-door.ts'
import { findProfile } from './accounts.sql.ts'

/** The logged-in person with tenant, plan, preference and environments. Any role. */
export const getMe = implement(definition, async ({ principal }, { db }) => {
  const { userId, tenantId, role, isVerified } = principal
  const [profile, plan, environments] = await Promise.all([
    findProfile(db, userId),
    getTenantPlan(db, tenantId),
    listEnvironmentStates(db, tenantId),
  ])
  if (profile === undefined)
    throw new Problem('INVALID_TOKEN', { internal: 'user removed during the request' })
  const { email, preferredEnvironment, createdAt } = profile
  return {
    id: userId,
    email,
    name: `${profile.firstName} ${profile.lastName}`,
    firstName: profile.firstName,
    lastName: profile.lastName,
    role,
    isVerified,
    preferredEnvironment,
    createdAt,
    tenant: { id: tenantId, companyName: profile.companyName, createdAt: profile.tenantCreatedAt },
    plan: { tier: plan.tier, monthlyAllotment: plan.monthlyAllotment },
    environments,
  }
})
