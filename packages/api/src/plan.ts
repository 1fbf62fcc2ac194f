import { Type } from 'typebox'

export type Tier = 'free' | 'pilot' | 'starter' | 'growth' | 'scale' | 'enterprise'

export interface Plan {
  readonly tier: Tier
  /** US dollars a month; null by contract. */
  readonly planPriceUsd: number | null
  /** Verified deltas a month (Free: for life); null by contract. */
  readonly monthlyAllotment: number | null
  /** US dollars for each delta above the allotment; null where writes stop instead. */
  readonly overagePriceUsd: number | null
  /** Deltas, accepted and verified, that may ever exist; null = no stop. */
  readonly lifetimeCap: number | null
  readonly hasProduction: boolean
  /** Requests a second of one key, and of the tenant's keys together. */
  readonly ratePerSecond: number
  readonly burst: number
}

/** The plans as published (product.md §4 "Billing", §2 "Rate limits"). Enterprise starts from Scale's limits. */
export const plans: Readonly<Record<Tier, Plan>> = {
  free: plan('free', 0, 100, null, 100, false, 10, 20),
  pilot: plan('pilot', 1_000, 10_000, 0.02, null, true, 50, 100),
  starter: plan('starter', 3_000, 100_000, 0.012, null, true, 200, 400),
  growth: plan('growth', 8_000, 500_000, 0.01, null, true, 1_000, 2_000),
  scale: plan('scale', 15_000, 2_000_000, 0.008, null, true, 5_000, 10_000),
  enterprise: plan('enterprise', null, null, null, null, true, 5_000, 10_000),
}

export const TierName = Type.Union([
  Type.Literal('free'),
  Type.Literal('pilot'),
  Type.Literal('starter'),
  Type.Literal('growth'),
  Type.Literal('scale'),
  Type.Literal('enterprise'),
])

function plan(
  tier: Tier,
  planPriceUsd: number | null,
  monthlyAllotment: number | null,
  overagePriceUsd: number | null,
  lifetimeCap: number | null,
  hasProduction: boolean,
  ratePerSecond: number,
  burst: number,
): Plan {
  return {
    tier,
    planPriceUsd,
    monthlyAllotment,
    overagePriceUsd,
    lifetimeCap,
    hasProduction,
    ratePerSecond,
    burst,
  }
}
