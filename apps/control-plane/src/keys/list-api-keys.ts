import { listApiKeys as definition } from '@pacspace/api/definition/keys'
import { type Environment, environmentOfKey, spelling } from '@pacspace/api/environment'
import type { TenantId } from '@pacspace/api/id'
import { type ControlPlaneContext, implement } from '../context.ts'
import { listRequestedEnvironments } from '../environments/front-door.ts'
import { type ApiKey, newestKeys, unlessRefused } from './plane-keys.ts'

const LIMIT_DEFAULT = 20

/**
 * A page of the caller's tenant's API keys, of both environments or of one, newest first, never with a secret. Any role.
 * Each plane is asked for its own; one that is away is named in `unavailable` and the other is listed.
 */
export const listApiKeys = implement(definition, async ({ principal, input }, context) => {
  const { page = 1, limit = LIMIT_DEFAULT, environment } = input.query
  const requested = await listRequestedEnvironments(context.db, principal.tenantId)
  const asked = requested.filter(
    (each) => environment === undefined || each === environmentOfKey(environment),
  )
  const lists = await Promise.all(
    asked.map((each) => listOf(principal.tenantId, each, page * limit, context)),
  )

  const merged = lists.flatMap(({ items }) => items).sort(newestFirst)
  const unavailable = lists.filter(({ isAway }) => isAway).map((list) => spelling[list.environment].key)
  const answer = {
    items: merged.slice((page - 1) * limit, page * limit),
    total: lists.reduce((sum, { total }) => sum + total, 0),
    page,
    limit,
  }
  return unavailable.length === 0 ? answer : { ...answer, unavailable }
})

interface PlaneList {
  readonly environment: Environment
  readonly items: readonly ApiKey[]
  readonly total: number
  readonly isAway: boolean
}

async function listOf(
  tenantId: TenantId,
  environment: Environment,
  count: number,
  { planes }: ControlPlaneContext,
): Promise<PlaneList> {
  const list = await unlessRefused(
    'SERVICE_UNAVAILABLE',
    newestKeys(planes, { tenantId, environment, count }),
  )
  if (list === undefined) return { environment, items: [], total: 0, isAway: true }
  return { environment, ...list, isAway: false }
}

/** Of one time, each plane's own order stays (sorting is stable), so that no page repeats a key of the page before. */
function newestFirst(a: ApiKey, b: ApiKey): number {
  if (a.createdAt === b.createdAt) return 0
  return a.createdAt < b.createdAt ? 1 : -1
}
