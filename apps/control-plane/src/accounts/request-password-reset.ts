import { requestPasswordReset as definition } from '@pacspace/api/definition/passwords'
import { implement } from '../context.ts'
import { requestMailTo } from './mail-by-address.ts'

/**
 * Has a link mailed that replaces a forgotten password, if the address has an account. Public: the answer is the same for
 * any address, after the same work (check A-3).
 */
export const requestPasswordReset = implement(definition, async ({ input, request }, context) => {
  await requestMailTo(input.body.email, 'reset_password', request, context)
  return {}
})
