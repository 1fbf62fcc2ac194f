import type { EndpointData } from '@pacspace/api/endpoint'
import type { Environment } from '@pacspace/api/environment'
import type { TenantId } from '@pacspace/api/id'
import { listPlaneKeys } from '@pacspace/api/internal/plane'
import { Problem, type ProblemCode } from '@pacspace/api/problem'
import type { ControlPlaneContext } from '../context.ts'

type Planes = ControlPlaneContext['planes']

export type ApiKey = EndpointData<typeof listPlaneKeys>['items'][number]

/** Keys asked for in one call. */
const CHUNK = 1_000

/** The newest `count` keys of a tenant in one plane (fewer if there are fewer), newest first, and how many there are. */
export async function newestKeys(
  planes: Planes,
  { tenantId, environment, count }: { tenantId: TenantId; environment: Environment; count: number },
): Promise<{ readonly items: readonly ApiKey[]; readonly total: number }> {
  const items: ApiKey[] = []
  for (;;) {
    const query = { offset: items.length, limit: Math.min(CHUNK, count - items.length) }
    const page = await planes[environment].call(listPlaneKeys, { params: { tenantId }, query })
    items.push(...page.items)
    if (page.items.length === 0 || items.length >= Math.min(count, page.total))
      return { items, total: page.total }
  }
}

/** What `call` gives, or undefined where it was refused with `code`. */
export async function unlessRefused<T>(code: ProblemCode, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (error instanceof Problem && error.code === code) return undefined
    throw error
  }
}
