import { plans, type Tier } from '@pacspace/api/plan'
import { ConfigError } from '@pacspace/service/config'
import type { StripeSettings } from './stripe-api.ts'

/** The plans that people can buy by themselves: each needs a price at Stripe. */
const SOLD: readonly Tier[] = ['pilot', 'starter', 'growth', 'scale']

/** The variables that belong to Stripe, as configured. */
interface StripeVariables {
  readonly stripeSecretKey: string | undefined
  readonly stripeWebhookSecret: string | undefined
  readonly stripePrices: readonly string[]
  readonly stripeApiUrl: string | undefined
}

/** How Stripe is reached; undefined where it is not configured. Raises `ConfigError`, which names all that is missing or wrong. */
export function readStripeSettings(variables: StripeVariables): StripeSettings | undefined {
  const { stripeSecretKey: secretKey, stripeWebhookSecret: webhookSecret, stripePrices } = variables
  if (secretKey === undefined) return undefined
  const wrong: string[] = []
  const prices = new Map<Tier, string>()
  for (const pair of stripePrices) {
    const [name = '', price = ''] = pair.split('=')
    const tier = SOLD.find((each) => each === name)
    if (tier === undefined || price === '')
      wrong.push(`PACSPACE_STRIPE_PRICES must be a list of plan=price, not ${pair}`)
    else prices.set(tier, price)
  }
  for (const tier of SOLD) {
    if (!prices.has(tier)) wrong.push(`PACSPACE_STRIPE_PRICES names no price for ${plans[tier].tier}`)
  }
  if (webhookSecret === undefined) wrong.push('PACSPACE_STRIPE_WEBHOOK_SECRET is not set')
  if (wrong.length > 0 || webhookSecret === undefined) throw new ConfigError(wrong)
  return { secretKey, webhookSecret, prices, apiUrl: variables.stripeApiUrl }
}
