import type { EndpointShape } from '../endpoint.ts'
import { IdOf } from '../field.ts'
import { Type } from '../schema.ts'

const views = new WeakMap<EndpointShape, EndpointShape>()

/**
 * The internal endpoint that answers what an endpoint of the Balance API answers, for the tenant in its path: what a
 * logged-in user sees is what the tenant's programs see, from the same code. Who may ask, the control plane has decided.
 * The same view each time.
 */
export function ledgerView(original: EndpointShape): EndpointShape {
  const known = views.get(original)
  if (known !== undefined) return known
  const { id, path, params, problems } = original
  const view: EndpointShape = {
    ...original,
    id: `view${id.charAt(0).toUpperCase()}${id.slice(1)}`,
    surface: 'internal',
    path: `/internal/tenants/:tenantId${path}`,
    auth: { kind: 'internal' },
    idempotent: false, // keys of idempotency belong to the tenant's programs
    params: Type.Object({ tenantId: IdOf('tnt'), ...params?.properties }, { additionalProperties: false }),
    problems: ['CONTRACT_NOT_DEPLOYED', ...problems],
  }
  views.set(original, view)
  return view
}
