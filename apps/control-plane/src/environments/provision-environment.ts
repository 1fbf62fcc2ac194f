import { provisionEnvironment as definition } from '@pacspace/api/definition/environments'
import { environmentOfContract } from '@pacspace/api/environment'
import { Problem } from '@pacspace/api/problem'
import { answer } from '@pacspace/service/implement'
import { transaction } from '@pacspace/service/postgres'
import { audit } from '../audit/front-door.ts'
import { getTenantPlan } from '../billing/front-door.ts'
import { implement } from '../context.ts'
import { getContract } from './environment-state.ts'
import { requestProvisioning } from './request-provisioning.ts'

/** ◆ Published texts. */
const BEING_PROVISIONED = 'Environment is being provisioned. This usually takes a few seconds.'
const READY = 'Ready to accept API requests'

/**
 * Activates an environment, or starts again one that failed. Admins with a verified address. Answers when contract and
 * job are durable: 201, or 200 where it is active or under way already. Production needs a plan that has it.
 */
export const provisionEnvironment = implement(definition, async ({ principal, input, request }, context) => {
  const { db } = context
  const { tenantId, userId } = principal
  const environment = environmentOfContract(input.body.environment)
  const plan = await getTenantPlan(db, tenantId)
  if (environment === 'production' && !plan.hasProduction) throw new Problem('PLAN_UPGRADE_REQUIRED')

  const isStarted = await transaction(db, async (tx) => {
    const isNew = await requestProvisioning(tx, { tenantId, environment }, context)
    const entry = { tenantId, actor: userId, action: 'environment.requested', environment, request } as const
    if (isNew) await audit(tx, entry, context)
    return isNew
  })
  const contract = isStarted ? undefined : await getContract(db, tenantId, environment)
  const status = contract?.status ?? 'provisioning'
  const message = status === 'active' ? READY : BEING_PROVISIONED
  return answer(
    { tenantId, environment: input.body.environment, status, message },
    { status: isStarted ? 201 : 200 },
  )
})
