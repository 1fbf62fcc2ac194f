import { type Static, type TObject, type TSchema, Type } from 'typebox'
import type { EndpointShape } from '../endpoint.ts'
import { IdOf } from '../field.ts'

/**
 * The internal endpoint that answers what an endpoint of the Balance API answers, for the tenant in its path: what a
 * logged-in user sees is what the tenant's programs see, from the same code. Who may ask, the control plane has decided.
 */
export type LedgerView<D extends EndpointShape> = Omit<D, 'id' | 'surface' | 'path' | 'auth' | 'params'> & {
  readonly id: string
  readonly surface: 'internal'
  readonly path: `/${string}`
  readonly auth: { readonly kind: 'internal' }
  readonly params: TObject<ParamsOf<D> & { tenantId: ReturnType<typeof IdOf<'tnt'>> }>
}

type ParamsOf<D extends EndpointShape> = D['params'] extends TObject<infer Properties>
  ? Properties
  : Record<never, TSchema>

/** Path parameters of a view without the tenant, as the Balance API takes them. */
export type OwnParams<D extends EndpointShape> = Static<TObject<ParamsOf<D>>>

const views = new WeakMap<EndpointShape, EndpointShape>()

/** The view of a definition; the same one each time. */
export function ledgerView<D extends EndpointShape>(definition: D): LedgerView<D> {
  const known = views.get(definition)
  if (known !== undefined) return known as LedgerView<D> // made below from this very definition
  const view: EndpointShape = {
    ...definition,
    id: `view${definition.id.charAt(0).toUpperCase()}${definition.id.slice(1)}`,
    surface: 'internal',
    path: `/internal/tenants/:tenantId${definition.path}`,
    auth: { kind: 'internal' },
    params: Type.Object(
      { tenantId: IdOf('tnt'), ...definition.params?.properties },
      { additionalProperties: false },
    ),
    problems: ['CONTRACT_NOT_DEPLOYED', ...definition.problems],
  }
  views.set(definition, view)
  return view as unknown as LedgerView<D> // has exactly the members that the type lists
}
