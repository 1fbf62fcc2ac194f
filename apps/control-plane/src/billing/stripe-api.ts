import type { Tier } from '@pacspace/api/plan'
import { Problem } from '@pacspace/api/problem'
import Stripe from 'stripe'

/** How this installation reaches Stripe. */
export interface StripeSettings {
  readonly secretKey: string
  /** Signs the events that Stripe delivers. */
  readonly webhookSecret: string
  /** The price, at Stripe, of each plan that is sold: `price_…`. */
  readonly prices: ReadonlyMap<Tier, string>
  /** Where its API is; undefined = Stripe's own. */
  readonly apiUrl: string | undefined
}

/** For one call; Stripe itself may be retried once. */
const CALL_MS_MAX = 8_000

/** Stripe's own client. */
export function createStripe({ secretKey, apiUrl }: StripeSettings): Stripe {
  const url = apiUrl === undefined ? undefined : new URL(apiUrl)
  return new Stripe(secretKey, {
    timeout: CALL_MS_MAX,
    maxNetworkRetries: 1,
    telemetry: false,
    ...(url && {
      host: url.hostname,
      port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
      protocol: url.protocol === 'https:' ? 'https' : 'http',
    }),
  })
}

/** What a call gives. Raises SERVICE_UNAVAILABLE when Stripe is away or overloaded; what else it refuses is our mistake. */
export async function fromStripe<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (cause) {
    const { StripeConnectionError, StripeAPIError, StripeRateLimitError } = Stripe.errors
    const isAway =
      cause instanceof StripeConnectionError ||
      cause instanceof StripeAPIError ||
      cause instanceof StripeRateLimitError
    if (!isAway) throw cause
    throw new Problem('SERVICE_UNAVAILABLE', { internal: 'Stripe does not answer', cause })
  }
}

/** The plan that a price is of; undefined for a price that is none of ours. */
export function tierOfPrice(prices: StripeSettings['prices'], price: string): Tier | undefined {
  for (const [tier, each] of prices) if (each === price) return tier
  return undefined
}

/** The id of what Stripe gives either as an id or as the thing itself. */
export function idOf(expandable: string | { readonly id: string }): string {
  return typeof expandable === 'string' ? expandable : expandable.id
}
