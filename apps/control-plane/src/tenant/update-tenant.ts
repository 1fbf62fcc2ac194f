import { updateTenant as definition } from '@pacspace/api/definition/tenant'
import { transaction } from '@pacspace/service/postgres'
import { parseName } from '../accounts/front-door.ts'
import { audit } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { findTenant, updateSettings } from './tenant.sql.ts'
import { tenantAnswer } from './tenant-answer.ts'

/** Changes settings of the caller's tenant; what is left out stays. Admins. */
export const updateTenant = implement(definition, async ({ principal, input, request }, context) => {
  const { tenantId, userId } = principal
  const { companyName } = input.body
  const wanted = companyName === undefined ? null : parseName('/companyName', companyName)
  return await transaction(context.db, async (tx) => {
    const before = await findTenant(tx, tenantId)
    await updateSettings(tx, tenantId, { companyName: wanted })
    const details = { oldCompanyName: before?.companyName ?? null, newCompanyName: wanted }
    await audit(
      tx,
      { tenantId, actor: userId, action: 'tenant.updated', request, ...(wanted !== null && { details }) },
      context,
    )
    return await tenantAnswer(tx, tenantId)
  })
})
