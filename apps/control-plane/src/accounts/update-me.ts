import { updateMe as definition } from '@pacspace/api/definition/accounts'
import { Problem } from '@pacspace/api/problem'
import { transaction } from '@pacspace/service/postgres'
import { audit } from '../audit/front-door.ts'
import { implement } from '../context.ts'
import { updateName } from './accounts.sql.ts'
import { parseName } from './person-name.ts'

/** Changes the own name; what is left out stays. Any role. */
export const updateMe = implement(definition, async ({ principal, input, request }, context) => {
  const { userId, tenantId } = principal
  const { firstName, lastName } = input.body
  const wanted = {
    firstName: firstName === undefined ? null : parseName('/firstName', firstName),
    lastName: lastName === undefined ? null : parseName('/lastName', lastName),
  }
  const profile = await transaction(context.db, async (tx) => {
    const updated = await updateName(tx, userId, wanted)
    await audit(tx, { tenantId, actor: userId, action: 'account.updated', target: userId, request }, context)
    return updated
  })
  if (profile === undefined)
    throw new Problem('INVALID_TOKEN', { internal: 'user removed during the request' })
  return { id: userId, ...profile, name: `${profile.firstName} ${profile.lastName}` }
})
