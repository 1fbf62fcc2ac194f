import { setTimeout as sleep } from 'node:timers/promises'
import type { EndpointData } from '@pacspace/api/endpoint'
import type { ContractId } from '@pacspace/api/id'
import { getPlaneTenant, provisionTenant } from '@pacspace/api/internal/plane'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { transaction } from '@pacspace/service/postgres'
import { type AuditEntry, audit } from '../audit/front-door.ts'
import { entitlementOf, getTenantPlan, pushEntitlement } from '../billing/front-door.ts'
import type { ControlPlaneContext } from '../context.ts'
import { pushSettings } from '../tenant/front-door.ts'
import { findContract, finishProvisioning } from './environments.sql.ts'
import type { ProvisioningTarget } from './request-provisioning.ts'

type PlaneTenant = EndpointData<typeof getPlaneTenant>

/** How often the plane is asked: soon at first, since it takes well under a second. */
const POLL_MS_FIRST = 50
const POLL_MS_MAX = 500

/** How long one run waits for the plane, so that slow ones do not occupy all workers. The next run waits on. */
const WAIT_MS_MAX = 5_000

/**
 * Background step: provisions an environment in its plane and writes how that ended. Every part may be repeated:
 *
 * 1. PUT the tenant to the plane, which starts the work there, or goes on with it; and its settings, before anything can be read.
 * 2. Ask until the plane says `active` or `error`.
 * 3. Write that into the contract and the activity log: only one that is `provisioning` changes.
 * 4. Tell the plane the plan of this moment, which may be newer than the one of step 1.
 *
 * If the process dies after any of them, the contract still says `provisioning` (or, after 3, a push is due) and
 * `reconcile` asks for the step again. A plane that is away, or slow, throws: the job is tried again. Only the plane's own
 * word makes it `error`, be it a state or a refusal; asked for again, it starts again.
 */
export async function provision(target: ProvisioningTarget, context: ControlPlaneContext): Promise<void> {
  const { db, clock } = context
  const { tenantId, environment } = target
  const contract = await findContract(db, tenantId, environment)
  if (contract?.status !== 'provisioning') return

  const failure = await provisionInPlane(contract.id, target, context)
  await transaction(db, async (tx) => {
    const now = timestampOf(clock.now())
    if (!(await finishProvisioning(tx, { tenantId, environment, failure, now }))) return
    await audit(tx, auditEntryOf(target, failure), context)
  })
  if (failure === undefined) await pushEntitlement(target, context)
}

/** Why it failed; undefined = it is active. Raises SERVICE_UNAVAILABLE while the plane is away, and an Error while it is slow. */
async function provisionInPlane(
  contractId: ContractId,
  target: ProvisioningTarget,
  context: ControlPlaneContext,
): Promise<string | undefined> {
  const { db, planes, log } = context
  const { tenantId, environment } = target
  const plan = await getTenantPlan(db, tenantId)
  const body = { contractId, entitlement: entitlementOf(plan, environment) }
  try {
    const started = await planes[environment].call(provisionTenant, { params: { tenantId }, body })
    await pushSettings(target, context)
    const ended = await waitForPlane(started, target, context)
    return ended.status === 'error' ? (ended.reason ?? 'The environment gave no reason.') : undefined
  } catch (error) {
    if (!(error instanceof Problem) || error.code === 'SERVICE_UNAVAILABLE') throw error
    log.error({ err: error, tenantId, environment }, 'provisioning was refused')
    return 'The environment refused to be set up.'
  }
}

function auditEntryOf(
  { tenantId, environment }: ProvisioningTarget,
  failure: string | undefined,
): AuditEntry {
  const entry = { tenantId, environment, actor: 'system' } as const
  return failure === undefined
    ? { ...entry, action: 'environment.activated' }
    : { ...entry, action: 'environment.failed', details: { reason: failure } }
}

async function waitForPlane(
  started: PlaneTenant,
  { tenantId, environment }: ProvisioningTarget,
  { planes }: ControlPlaneContext,
): Promise<PlaneTenant> {
  let tenant = started
  let waitedMs = 0
  for (let pollMs = POLL_MS_FIRST; ; pollMs = Math.min(2 * pollMs, POLL_MS_MAX)) {
    if (tenant.status === 'active' || tenant.status === 'error') return tenant
    if (waitedMs >= WAIT_MS_MAX)
      throw new Error(`${environment} still provisions ${tenantId}; asking again later`)
    await sleep(pollMs)
    waitedMs += pollMs
    tenant = await planes[environment].call(getPlaneTenant, { params: { tenantId } })
  }
}
