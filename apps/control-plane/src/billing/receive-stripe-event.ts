import { receiveStripeEvent as definition } from '@pacspace/api/definition/stripe-webhook'
import { implement } from '../context.ts'

/**
 * An event that Stripe delivers. Nobody's credential: its signature is. Kept once whatever its order and however often it
 * comes; answered when that is durable, and acted on by a job. With another provider there is nothing here: NOT_FOUND.
 */
export const receiveStripeEvent = implement(definition, async ({ input, request }, context) => {
  await context.payments.receiveEvent(input.body, request.headers['stripe-signature'], context)
  return { received: true } as const
})
