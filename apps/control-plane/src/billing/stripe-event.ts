import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { transaction } from '@pacspace/service/postgres'
import Stripe from 'stripe'
import type { ControlPlaneContext } from '../context.ts'
import { requestSync } from './request-sync.ts'
import { insertStripeEvent } from './stripe.sql.ts'
import { idOf, type StripeSettings } from './stripe-api.ts'

/** How old a signed event may be: what was overheard cannot be played again later. Stripe's own default. */
const TOLERANCE_SECONDS = 300

/**
 * Takes an event as Stripe delivered it, attacker-controlled until its signature is checked. Kept once, by its id, together with
 * the wish to ask Stripe about its customer: durable when this returns. Raises INVALID_SIGNATURE.
 */
export async function receiveStripeEvent(
  delivery: { readonly body: Uint8Array; readonly signature: string | undefined },
  { stripe, settings }: { readonly stripe: Stripe; readonly settings: StripeSettings },
  { db, clock }: Pick<ControlPlaneContext, 'db' | 'clock'>,
): Promise<void> {
  const nowMs = clock.now()
  const event = verifiedEvent(delivery, stripe, settings, nowMs)
  const customerId = customerOf(event)
  await transaction(db, async (tx) => {
    const { id, type } = event
    const isNew = await insertStripeEvent(tx, { id, type, customerId, now: timestampOf(nowMs) })
    if (isNew && customerId !== null) await requestSync(tx, customerId)
  })
}

function verifiedEvent(
  { body, signature = '' }: { readonly body: Uint8Array; readonly signature: string | undefined },
  stripe: Stripe,
  { webhookSecret }: StripeSettings,
  nowMs: number,
): Stripe.Event {
  try {
    return stripe.webhooks.constructEvent(
      Buffer.from(body),
      signature,
      webhookSecret,
      TOLERANCE_SECONDS,
      undefined,
      nowMs,
    )
  } catch (cause) {
    const isForged =
      cause instanceof Stripe.errors.StripeSignatureVerificationError || cause instanceof SyntaxError
    if (!isForged) throw cause
    throw new Problem('INVALID_SIGNATURE', { cause })
  }
}

/** The customer that an event is about; most things of Stripe name theirs. */
function customerOf({ data }: Stripe.Event): string | null {
  const { object } = data
  if (!('customer' in object)) return null
  const { customer } = object
  return customer === null || customer === undefined ? null : idOf(customer)
}
