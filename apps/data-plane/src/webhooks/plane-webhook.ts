import type { TenantId } from '@pacspace/api/id'
import { newId } from '@pacspace/api/id'
import * as api from '@pacspace/api/internal/plane-webhooks'
import { Problem, validationProblem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import { type DataPlaneContext, implement } from '../context.ts'
import { shownEndpoint } from './endpoint-answer.ts'
import { refusalOfTarget } from './target-rules.ts'
import { newWebhookSecret, OLD_SECRET_MS, sealSecret } from './webhook-secret.ts'
import {
  deleteEndpoint,
  type EndpointRow,
  insertEndpoint,
  rotateSecret,
  selectEndpoints,
  selectHasTenant,
  updateEndpoint,
} from './webhooks.sql.ts'

/** Endpoints that a tenant may have in one environment. */
const ENDPOINTS_MAX = 200
const EVENT_KEY_BYTES = 32

/**
 * Creates an endpoint. Its secret leaves in this answer and is kept sealed. It is sent what is verified from now on.
 * Raises VALIDATION_ERROR for an address that may not be reached, CONTRACT_NOT_DEPLOYED for a tenant whose provisioning
 * here was never asked for.
 */
export const createPlaneWebhook = implement(api.createPlaneWebhook, async ({ input }, context) => {
  const { db, clock, randomBytes, webhooks } = context
  const { tenantId } = input.params
  const { url, events, description = null } = input.body
  await requireTarget(url, context)
  const id = newId('wh', randomBytes)
  const secret = newWebhookSecret(randomBytes)
  const isKept = await insertEndpoint(db, {
    tenantId,
    id,
    url,
    events: events ?? null,
    description,
    createdAt: timestampOf(clock.now()),
    sealedSecret: sealSecret(secret, id, { webhookKey: webhooks.key, randomBytes }),
    eventKey: randomBytes(EVENT_KEY_BYTES),
    countMax: ENDPOINTS_MAX,
  })
  if (isKept) return { ...shownEndpoint(await endpointOf(db, tenantId, id)), secret }
  if (!(await selectHasTenant(db, tenantId))) throw new Problem('CONTRACT_NOT_DEPLOYED')
  throw validationProblem('', `cannot be met: an environment has at most ${ENDPOINTS_MAX} webhook endpoints`)
})

/** The tenant's endpoints of this plane, newest first; never a secret. */
export const listPlaneWebhooks = implement(api.listPlaneWebhooks, async ({ input }, { db }) => ({
  items: (await selectEndpoints(db, input.params.tenantId)).map(shownEndpoint),
}))

/** One endpoint. */
export const getPlaneWebhook = implement(api.getPlaneWebhook, async ({ input }, { db }) =>
  shownEndpoint(await endpointOf(db, input.params.tenantId, input.params.id)),
)

/**
 * Changes an endpoint. Enabled again, it goes on in the log where it stopped; what was given up stays so until a recovery.
 * Raises VALIDATION_ERROR for an address that may not be reached.
 */
export const updatePlaneWebhook = implement(api.updatePlaneWebhook, async ({ input }, context) => {
  const { tenantId, id } = input.params
  if (input.body.url !== undefined) await requireTarget(input.body.url, context)
  if (!(await updateEndpoint(context.db, tenantId, id, input.body))) throw new Problem('NOT_FOUND')
  context.onDeliveryDue()
  return shownEndpoint(await endpointOf(context.db, tenantId, id))
})

/** Deletes an endpoint for good, its secret with it; answers what it was. An attempt under way may still arrive. */
export const deletePlaneWebhook = implement(api.deletePlaneWebhook, async ({ input }, { db, clock }) => {
  const { tenantId, id } = input.params
  const endpoint = await endpointOf(db, tenantId, id)
  if (!(await deleteEndpoint(db, tenantId, id, timestampOf(clock.now())))) throw new Problem('NOT_FOUND')
  return { ...shownEndpoint(endpoint), active: false, oldSecretUntil: null }
})

/** A new secret, shown here and never again. The one before signs beside it for a day; an older one ends at once. */
export const rotatePlaneWebhookSecret = implement(
  api.rotatePlaneWebhookSecret,
  async ({ input }, { db, clock, randomBytes, webhooks }) => {
    const { tenantId, id } = input.params
    const secret = newWebhookSecret(randomBytes)
    const rotation = {
      sealedSecret: sealSecret(secret, id, { webhookKey: webhooks.key, randomBytes }),
      oldUntil: timestampOf(clock.now() + OLD_SECRET_MS),
    }
    if (!(await rotateSecret(db, tenantId, id, rotation))) throw new Problem('NOT_FOUND')
    return { ...shownEndpoint(await endpointOf(db, tenantId, id)), secret }
  },
)

/** An endpoint of a tenant. Raises NOT_FOUND, for another tenant's too. */
export async function endpointOf(db: Db, tenantId: TenantId, id: string): Promise<EndpointRow> {
  const [row] = await selectEndpoints(db, tenantId, id)
  if (row === undefined) throw new Problem('NOT_FOUND')
  return row
}

async function requireTarget(url: string, { webhooks }: DataPlaneContext): Promise<void> {
  const refusal = await refusalOfTarget(url, webhooks.rules, webhooks.resolve)
  if (refusal !== undefined) throw validationProblem('/url', refusal)
}
