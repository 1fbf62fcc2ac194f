import type { EndpointData, EndpointShape } from '@pacspace/api/endpoint'
import type { Environment } from '@pacspace/api/environment'
import { ledgerView } from '@pacspace/api/internal/ledger-view'
import { Problem } from '@pacspace/api/problem'
import type { RequestFacts, UserPrincipal } from '@pacspace/service/implement'
import type { CallInput, InternalClient } from '@pacspace/service/internal-client'
import type { ControlPlaneContext } from '../context.ts'
import { getContract, requestedEnvironment } from '../environments/front-door.ts'

/** Who asks, and about which environment. */
export interface ViewRequest {
  readonly principal: UserPrincipal
  readonly request: Pick<RequestFacts, 'headers'>
}

export interface RequestedPlane {
  readonly environment: Environment
  readonly plane: InternalClient
}

/** Asks the plane that a request is about, for the caller's tenant. */
export type AskPlane = <D extends EndpointShape>(original: D, input: CallInput<D>) => Promise<EndpointData<D>>

/**
 * The plane that a request is about. Raises CONTRACT_NOT_DEPLOYED where the tenant has not asked for the environment,
 * without asking a plane that may not even run.
 */
export async function requestedPlane(
  { principal, request }: ViewRequest,
  { db, planes }: ControlPlaneContext,
): Promise<RequestedPlane> {
  const environment = await requestedEnvironment(db, { principal, request })
  const contract = await getContract(db, principal.tenantId, environment)
  if (contract === undefined) throw new Problem('CONTRACT_NOT_DEPLOYED')
  return { environment, plane: planes[environment] }
}

/**
 * The way to what that plane shows of the caller's tenant: endpoints of the Balance API, through their views. What is
 * asked through it raises what the plane answers.
 */
export async function viewsOf(call: ViewRequest, context: ControlPlaneContext): Promise<AskPlane> {
  const { plane } = await requestedPlane(call, context)
  return viewsIn(plane, call)
}

/** The way to what a plane shows of the caller's tenant. */
export function viewsIn(plane: InternalClient, call: ViewRequest): AskPlane {
  const { tenantId } = call.principal
  return async <D extends EndpointShape>(original: D, input: CallInput<D>) => {
    const params = { ...Object(input.params), tenantId }
    const wanted: CallInput<EndpointShape> = { ...Object(input), params }
    // Validated by the view's schema of answers, which is the original's.
    return (await plane.call(ledgerView(original), wanted)) as EndpointData<D>
  }
}

/** One question to that plane. */
export async function viewLedger<D extends EndpointShape>(
  original: D,
  input: CallInput<D>,
  call: ViewRequest,
  context: ControlPlaneContext,
): Promise<EndpointData<D>> {
  const ask = await viewsOf(call, context)
  return await ask(original, input)
}
