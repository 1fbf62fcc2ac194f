import { type Amount, addAmounts, amountOf, ZERO } from '@pacspace/api/amount'
import { type Plan, plans, tiers } from '@pacspace/api/plan'
import { type Period, periodBounds } from '@pacspace/api/timestamp'
import type { PlanChangeRow } from './billing.sql.ts'

/** What a month is charged by: a published plan, with the allotment that the tenant had in it. */
export type ChargedPlan = Pick<Plan, 'tier' | 'planPriceUsd' | 'monthlyAllotment' | 'overagePriceUsd'>

export interface ChargeLine {
  readonly kind: 'plan' | 'overage'
  readonly description: string
  readonly quantity: number
  /** Exact. */
  readonly unitPriceUsd: Amount
  /** Whole cents. */
  readonly amountUsd: Amount
}

/**
 * The plan that a month is charged by: the highest one held in it, once and in full; of several spells on it, the newest
 * allotment (docs/decisions/0051-a-month-is-charged-once.md). `changes`: from the first one on, oldest first.
 */
export function chargedPlan(changes: readonly PlanChangeRow[], period: Period): ChargedPlan {
  const { start, end } = periodBounds(period)
  let charged: PlanChangeRow | undefined
  changes.forEach((change, i) => {
    const until = changes[i + 1]?.since
    // Timestamps have one form, so they compare as text. A plan that ended the moment the month began was not held in it.
    if (change.since >= end || (until !== undefined && until <= start)) return
    if (charged === undefined || tiers.indexOf(change.tier) >= tiers.indexOf(charged.tier)) charged = change
  })
  if (charged === undefined) return plans.free
  const plan = plans[charged.tier]
  return { ...plan, monthlyAllotment: charged.monthlyAllotment ?? plan.monthlyAllotment }
}

/** Verified deltas above the allotment, which are charged each; none where writes stop instead, or by contract. */
export function overageOf(
  { monthlyAllotment, overagePriceUsd }: ChargedPlan,
  consumed: number,
): { readonly count: number; readonly chargesUsd: Amount } {
  if (monthlyAllotment === null || overagePriceUsd === null) return { count: 0, chargesUsd: ZERO }
  const count = Math.max(0, consumed - monthlyAllotment)
  return { count, chargesUsd: times(overagePriceUsd, count) }
}

/** What a month costs, line by line; none where it costs nothing or is charged by contract. */
export function chargeLines(plan: ChargedPlan, period: Period, consumed: number): ChargeLine[] {
  const { tier, planPriceUsd, monthlyAllotment, overagePriceUsd } = plan
  if (planPriceUsd === null || planPriceUsd === ZERO) return []
  const title = tier.charAt(0).toUpperCase() + tier.slice(1)
  const lines = [lineOf('plan', `${title} plan, ${period}`, 1, planPriceUsd)]
  const { count } = overageOf(plan, consumed)
  if (count > 0 && overagePriceUsd !== null) {
    const description = `Verified deltas above ${monthlyAllotment}, ${period}`
    lines.push(lineOf('overage', description, count, overagePriceUsd))
  }
  return lines
}

/** Exact sum. */
export function totalOf(lines: readonly ChargeLine[]): Amount {
  return lines.reduce((sum, { amountUsd }) => addAmounts(sum, amountUsd), ZERO)
}

const CENT = amountOf('0.01')

/** To whole cents, half a cent up: what can be paid. `amount`: not negative. */
export function roundedToCents(amount: Amount): Amount {
  return (((amount + CENT / 2n) / CENT) * CENT) as Amount // a whole number of cents is an amount
}

/** Whole cents as a number, for providers that count in them. */
export function centsOf(amount: Amount): number {
  return Number(roundedToCents(amount) / CENT)
}

/** The amount of whole cents. */
export function amountOfCents(cents: number): Amount {
  return times(CENT, cents)
}

function lineOf(
  kind: ChargeLine['kind'],
  description: string,
  quantity: number,
  unitPriceUsd: Amount,
): ChargeLine {
  return {
    kind,
    description,
    quantity,
    unitPriceUsd,
    amountUsd: roundedToCents(times(unitPriceUsd, quantity)),
  }
}

/** `count`: whole. */
function times(amount: Amount, count: number): Amount {
  return (amount * BigInt(count)) as Amount // a multiple of an amount is one
}
