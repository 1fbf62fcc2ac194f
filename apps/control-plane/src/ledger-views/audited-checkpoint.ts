import { takeCheckpoint } from '@pacspace/api/definition/checkpoints'
import type { EndpointData, EndpointInput } from '@pacspace/api/endpoint'
import type { RequestFacts, UserPrincipal } from '@pacspace/service/implement'
import { audit, auditedChange } from '../audit/front-door.ts'
import type { ControlPlaneContext } from '../context.ts'
import { requestedPlane, viewsIn } from './view-ledger.ts'

/**
 * Takes a checkpoint in the plane that a request is about, and notes it in the activity log; the log tells of every time that
 * somebody asked, also for a month that was closed before. Raises what the plane answers.
 */
export async function auditedCheckpoint(
  call: { readonly principal: UserPrincipal; readonly request: RequestFacts },
  body: EndpointInput<typeof takeCheckpoint>['body'],
  context: ControlPlaneContext,
): Promise<EndpointData<typeof takeCheckpoint>> {
  const { principal, request } = call
  const { tenantId, userId: actor } = principal
  const { environment, plane } = await requestedPlane(call, context)
  const ask = viewsIn(plane, call)
  const asked = { environment, request, action: 'checkpoint.taken' } as const
  return await auditedChange(
    { ...asked, principal, target: body.customerId ?? tenantId },
    {
      change: () => ask(takeCheckpoint, { body }),
      note: async (tx, { checkpointId: target, customerId, period, closed }) => {
        const details = { customerId, period, closed }
        await audit(tx, { ...asked, tenantId, actor, target, details }, context)
      },
    },
    context,
  )
}
