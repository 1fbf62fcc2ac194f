import { type Amount, amountOf } from './amount.ts'
import { Type } from './schema.ts'

export type Tier = 'free' | 'pilot' | 'starter' | 'growth' | 'scale' | 'enterprise'

/** From least to most. */
export const tiers: readonly Tier[] = ['free', 'pilot', 'starter', 'growth', 'scale', 'enterprise']

export interface Plan {
  readonly tier: Tier
  /** US dollars a month, exact; null by contract. */
  readonly planPriceUsd: Amount | null
  /** Verified deltas a month (Free: for life); null by contract. */
  readonly monthlyAllotment: number | null
  /** US dollars for each delta above the allotment, exact; null where writes stop instead, or by contract. */
  readonly overagePriceUsd: Amount | null
  /** Deltas, accepted and verified, that may ever exist; null = no stop. */
  readonly lifetimeCap: number | null
  readonly hasProduction: boolean
  /** Requests a second of one key, and of the tenant's keys together. */
  readonly ratePerSecond: number
  readonly burst: number
}

/** A burst is this many seconds of the rate, in every published plan. */
const BURST_SECONDS = 2

/** The plans as published (product.md §4 "Billing", §2 "Rate limits"). Enterprise starts from Scale's limits. */
export const plans: Readonly<Record<Tier, Plan>> = {
  free: { ...plan('free', '0', 100, null, 10), lifetimeCap: 100, hasProduction: false },
  pilot: plan('pilot', '1000', 10_000, '0.02', 50),
  starter: plan('starter', '3000', 100_000, '0.012', 200),
  growth: plan('growth', '8000', 500_000, '0.01', 1_000),
  scale: plan('scale', '15000', 2_000_000, '0.008', 5_000),
  enterprise: plan('enterprise', null, null, null, 5_000),
}

export const TierName = Type.Union([
  Type.Literal('free'),
  Type.Literal('pilot'),
  Type.Literal('starter'),
  Type.Literal('growth'),
  Type.Literal('scale'),
  Type.Literal('enterprise'),
])

/** Prices as decimal literals: no float is ever money. */
function plan(
  tier: Tier,
  planPriceUsd: string | null,
  monthlyAllotment: number | null,
  overagePriceUsd: string | null,
  ratePerSecond: number,
): Plan {
  return {
    tier,
    planPriceUsd: planPriceUsd === null ? null : amountOf(planPriceUsd),
    monthlyAllotment,
    overagePriceUsd: overagePriceUsd === null ? null : amountOf(overagePriceUsd),
    lifetimeCap: null,
    hasProduction: true,
    ratePerSecond,
    burst: ratePerSecond * BURST_SECONDS,
  }
}
