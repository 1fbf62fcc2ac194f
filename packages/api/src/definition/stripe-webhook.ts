import { defineEndpoint } from '../endpoint.ts'
import { RawBody } from '../field.ts'
import { Type } from '../schema.ts'

export const receiveStripeEvent = defineEndpoint({
  id: 'receiveStripeEvent',
  surface: 'dashboard',
  method: 'POST',
  path: '/stripe/webhook',
  auth: { kind: 'none' },
  summary: 'Where Stripe delivers its events, signed by header Stripe-Signature.',
  body: RawBody,
  success: { status: 200, data: Type.Object({ received: Type.Literal(true) }) },
  problems: ['NOT_FOUND', 'INVALID_SIGNATURE'],
})
