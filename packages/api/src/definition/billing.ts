import { defineEndpoint } from '../endpoint.ts'
import { BalanceAmount, Instant, Nullable, PeriodText, Strict, Whole } from '../field.ts'
import { TierName } from '../plan.ts'
import { Type } from '../schema.ts'

/** Everybody sees what is used and paid; owners change it (product.md §4 "Roles"). */
const viewer = { kind: 'user', role: 'viewer' } as const
const owner = { kind: 'user', role: 'owner' } as const

/** ◆ The plan of a tenant. The names that begin with `stripe` are published; with the built-in provider they are null. */
const BillingPlan = Type.Object({
  tier: TierName,
  /** Verified deltas a month (Free: for life); null by contract. */
  monthlyAllotment: Nullable(Type.Integer()),
  /** US dollars a month, exact; null by contract. */
  planPriceUsd: Nullable(BalanceAmount),
  /** US dollars for each delta above the allotment, exact; null where writes stop (Free) or by contract. */
  overagePriceUsd: Nullable(BalanceAmount),
  stripeSubscriptionId: Nullable(Type.String()),
  /** True once cancelled, until the period that is paid for has ended. */
  cancelAtPeriodEnd: Type.Boolean(),
  stripeCurrentPeriodEnd: Nullable(Instant),
  /** Who collects the money. */
  provider: Type.Union([Type.Literal('builtin'), Type.Literal('stripe')]),
})

export const getBillingPlan = defineEndpoint({
  id: 'getBillingPlan',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/billing/plan',
  auth: viewer,
  summary: 'The plan of the tenant.',
  success: { status: 200, data: BillingPlan },
  problems: [],
})

export const listBillingPlans = defineEndpoint({
  id: 'listBillingPlans',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/billing/plans',
  auth: viewer,
  summary: 'All plans, as published.',
  success: {
    status: 200,
    data: Type.Object({
      plans: Type.Array(
        Type.Object({
          tier: TierName,
          planPriceUsd: Nullable(BalanceAmount),
          monthlyAllotment: Nullable(Type.Integer()),
          overagePriceUsd: Nullable(BalanceAmount),
          /** Free: deltas, accepted and verified, for life. */
          lifetimeCap: Nullable(Type.Integer()),
          hasProduction: Type.Boolean(),
          ratePerSecond: Type.Integer(),
          burst: Type.Integer(),
          /** The tenant's own. */
          isCurrent: Type.Boolean(),
        }),
      ),
    }),
  },
  problems: [],
})

export const getBillingUsage = defineEndpoint({
  id: 'getBillingUsage',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/billing/usage',
  auth: viewer,
  summary: 'What a month used and costs: Production on a paid plan, Sandbox on Free.',
  query: Strict({ period: Type.Optional(PeriodText) }),
  success: {
    status: 200,
    data: Type.Object({
      period: Type.String(),
      /** Of the plan that the month is charged by. */
      tier: TierName,
      includedDeltas: Nullable(Type.Integer()),
      /** Verified, by the month in which they were accepted. */
      consumedDeltas: Type.Integer(),
      overageCount: Type.Integer(),
      overageChargesUsd: BalanceAmount,
      /** Neither consumed nor reserved; Free: of all time. Null by contract. */
      remainingDeltas: Nullable(Type.Integer()),
      /** Accepted, not verified yet. */
      reservedDeltas: Type.Integer(),
      days: Type.Array(
        Type.Object({ date: Type.String(), consumedDeltas: Type.Integer(), reservedDeltas: Type.Integer() }),
      ),
    }),
  },
  problems: [],
})

export const changeSubscription = defineEndpoint({
  id: 'changeSubscription',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/billing/subscription',
  auth: { ...owner, verified: true },
  summary: 'Subscribe to a paid plan, or change to another one.',
  body: Strict({
    tier: Type.Union([
      Type.Literal('pilot'),
      Type.Literal('starter'),
      Type.Literal('growth'),
      Type.Literal('scale'),
      Type.Literal('enterprise'),
    ]),
  }),
  success: {
    status: 200,
    data: Type.Object({
      ...BillingPlan.properties,
      /** Where to pay first; the plan changes when that is done. Null: it has changed, or is about to. */
      checkoutUrl: Nullable(Type.String()),
    }),
  },
  problems: ['ENTERPRISE_BY_CONTRACT'],
})

export const cancelSubscription = defineEndpoint({
  id: 'cancelSubscription',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/billing/cancel',
  auth: owner,
  summary: 'Go back to the Free plan: at once, or with Stripe when the period that is paid for ends.',
  success: { status: 200, data: BillingPlan },
  problems: ['ENTERPRISE_BY_CONTRACT', 'NO_SUBSCRIPTION'],
})

export const openBillingPortal = defineEndpoint({
  id: 'openBillingPortal',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/billing/portal',
  auth: owner,
  summary: 'A page of Stripe where payment method and invoices are kept. Works for minutes, for this person.',
  success: { status: 200, data: Type.Object({ portalUrl: Type.String() }) },
  problems: ['NO_SUBSCRIPTION'],
})

const InvoiceLine = Type.Object({
  description: Type.String(),
  quantity: Type.Integer(),
  /** Exact. */
  unitPriceUsd: Nullable(BalanceAmount),
  /** Whole cents. */
  amountUsd: BalanceAmount,
})

export const Invoice = Type.Object({
  /** `bill_…`, or Stripe's own. */
  id: Type.String(),
  /** The month that it charges. */
  period: Type.String(),
  /** Stripe's own words beside `issued`, which the built-in provider's have. */
  status: Type.String(),
  lines: Type.Array(InvoiceLine),
  totalUsd: BalanceAmount,
  issuedAt: Instant,
  /** Stripe's page of it. */
  url: Nullable(Type.String()),
})

export const listInvoices = defineEndpoint({
  id: 'listInvoices',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/billing/invoices',
  auth: viewer,
  summary: 'Invoices, newest first.',
  query: Strict({
    page: Type.Optional(Whole({ minimum: 1, maximum: 10_000, default: 1 })),
    limit: Type.Optional(Whole({ minimum: 1, maximum: 100, default: 24 })),
  }),
  success: {
    status: 200,
    data: Type.Object({ invoices: Type.Array(Invoice), page: Type.Integer(), limit: Type.Integer() }),
  },
  problems: [],
})
