import { updateTenant as definition } from '@pacspace/api/definition/tenant'
import { transaction } from '@pacspace/service/postgres'
import { parseName } from '../accounts/front-door.ts'
import { audit } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { requestDueSettings } from './push-settings.ts'
import { lockTenant, updateSettings } from './tenant.sql.ts'
import { tenantAnswer } from './tenant-answer.ts'

/**
 * Changes settings of the caller's tenant; what is left out stays. Admins. `publicRecords` false: public verify shows the
 * summary of a root and no single records; planes are told by a job, within seconds. What changes nothing is no activity.
 */
export const updateTenant = implement(definition, async ({ principal, input, request }, context) => {
  const { tenantId, userId } = principal
  const { body } = input
  const companyName = body.companyName === undefined ? undefined : parseName('/companyName', body.companyName)
  return await transaction(context.db, async (tx) => {
    const before = await lockTenant(tx, tenantId)
    if (before === undefined) throw new Error(`there is no tenant ${tenantId}`)
    const wanted = {
      companyName: companyName ?? before.companyName,
      publicRecords: body.publicRecords ?? before.publicRecords,
    }
    const details = {
      ...(wanted.companyName !== before.companyName && {
        oldCompanyName: before.companyName,
        newCompanyName: wanted.companyName,
      }),
      ...(wanted.publicRecords !== before.publicRecords && { publicRecords: wanted.publicRecords }),
    }
    if (Object.keys(details).length > 0) {
      await updateSettings(tx, tenantId, wanted)
      await audit(tx, { tenantId, actor: userId, action: 'tenant.updated', details, request }, context)
      await requestDueSettings(tx, tenantId)
    }
    return await tenantAnswer(tx, tenantId)
  })
})
