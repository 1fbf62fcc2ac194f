import { type Environment, environments } from '@pacspace/api/environment'
import { Problem, validationProblem } from '@pacspace/api/problem'
import type { RequestFacts, UserPrincipal } from '@pacspace/service/implement'
import type { InternalClient } from '@pacspace/service/internal-client'
import { findProfile } from '../accounts/front-door.ts'
import type { ControlPlaneContext } from '../context.ts'

/** The plane that a request about webhooks is for. */
export interface WebhookPlane {
  readonly environment: Environment
  readonly plane: InternalClient
}

interface DashboardCall {
  readonly principal: UserPrincipal
  readonly request: Pick<RequestFacts, 'headers'>
}

/** By the header `X-Environment`, else by the user's preference (product.md §4). Raises VALIDATION_ERROR for another word. */
export async function webhookPlaneOf(
  { principal, request }: DashboardCall,
  { db, planes }: ControlPlaneContext,
): Promise<WebhookPlane> {
  const asked = request.headers['x-environment']
  if (asked === undefined) {
    const profile = await findProfile(db, principal.userId)
    if (profile === undefined)
      throw new Problem('INVALID_TOKEN', { internal: 'user removed during the request' })
    const environment = profile.preferredEnvironment
    return { environment, plane: planes[environment] }
  }
  const environment = environments.find((each) => each === asked)
  if (environment === undefined) {
    throw validationProblem('/X-Environment', `must be ${environments.join(' or ')}`)
  }
  return { environment, plane: planes[environment] }
}
