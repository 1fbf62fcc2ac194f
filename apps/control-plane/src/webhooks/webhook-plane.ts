import type { Environment } from '@pacspace/api/environment'
import type { RequestFacts, UserPrincipal } from '@pacspace/service/implement'
import type { InternalClient } from '@pacspace/service/internal-client'
import type { ControlPlaneContext } from '../context.ts'
import { requestedEnvironment } from '../environments/front-door.ts'

/** The plane that a request about webhooks is for. */
export interface WebhookPlane {
  readonly environment: Environment
  readonly plane: InternalClient
}

interface DashboardCall {
  readonly principal: UserPrincipal
  readonly request: Pick<RequestFacts, 'headers'>
}

/** Of the environment that the request names or the user prefers. Raises VALIDATION_ERROR where it names none. */
export async function webhookPlaneOf(
  call: DashboardCall,
  { db, planes }: ControlPlaneContext,
): Promise<WebhookPlane> {
  const environment = await requestedEnvironment(db, call)
  return { environment, plane: planes[environment] }
}
