import { permissions } from '@pacspace/api/endpoint'
import type { KeyId, TenantId } from '@pacspace/api/id'
import { ledgerView } from '@pacspace/api/internal/ledger-view'
import { Problem } from '@pacspace/api/problem'
import type { Implementation } from '@pacspace/service/implement'
import type { DataPlaneContext } from '../context.ts'
import { selectTenantNo } from './tenants.sql.ts'

/** Stands where a handler expects the id of the caller's key: a person asks, through the control plane. */
const NO_KEY = 'key_view' as KeyId

/**
 * A handler of the Balance API bound to its internal view: the control plane asks for a tenant on behalf of a user whose
 * role it has checked, and gets what a key with every permission would. Raises CONTRACT_NOT_DEPLOYED for a tenant that is
 * not active here, and what the handler raises.
 */
export function forControlPlane({
  definition,
  handle,
}: Implementation<DataPlaneContext>): Implementation<DataPlaneContext> {
  return {
    definition: ledgerView(definition),
    handle: async (call, context) => {
      const { tenantId, ...params } = call.input.params as { tenantId: TenantId } // by the view's own schema
      const tenantNo = await selectTenantNo(context.db, tenantId)
      if (tenantNo === undefined) throw new Problem('CONTRACT_NOT_DEPLOYED')
      const principal = { kind: 'apiKey', tenantId, tenantNo, keyId: NO_KEY, permissions } as const
      // The handler's own definition is the view's without the tenant, and its principal the holder of a key.
      return handle(
        { ...call, input: { ...call.input, params }, principal } as unknown as typeof call,
        context,
      )
    },
  }
}
