import { resendVerificationEmail as definition } from '@pacspace/api/definition/accounts'
import { implement } from '../context.ts'
import { requestMailTo } from './mail-by-address.ts'

/**
 * Sends the verification mail again, if the address has an account that is not verified. Public: the answer is the same
 * for any address, after the same work (check A-3).
 */
export const resendVerificationEmail = implement(definition, async ({ input, request }, context) => {
  await requestMailTo(input.body.email, 'verify_email', request, context)
  return {}
})
