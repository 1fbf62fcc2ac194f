import type { Invoice } from '@pacspace/api/definition/billing'
import type { TenantId } from '@pacspace/api/id'
import type { Tier } from '@pacspace/api/plan'
import type { Period, Timestamp } from '@pacspace/api/timestamp'
import type { Static } from 'typebox'
import type { ControlPlaneContext } from '../context.ts'
import type { PlanActor } from './apply-plan.ts'
import type { ChargeLine } from './charge.ts'

/** A tenant that is to be on a plan, and who says so. */
export interface PlanWish extends PlanActor {
  readonly tenantId: TenantId
  /** A paid one. */
  readonly tier: Tier
}

/** What the collector of the money knows of a tenant's subscription. */
export interface SubscriptionState {
  readonly stripeSubscriptionId: string | null
  readonly cancelAtPeriodEnd: boolean
  readonly stripeCurrentPeriodEnd: Timestamp | null
}

/** What a month that has ended costs; no lines: nothing, or it is charged by contract. */
export interface MonthCharge {
  readonly tenantId: TenantId
  readonly period: Period
  readonly lines: readonly ChargeLine[]
}

/** A stretch of a list. */
export interface Stretch {
  readonly limit: number
  readonly offset: number
}

/** Who collects the money for plans. Must be safe to call twice: people click twice. */
export interface PaymentProvider {
  readonly name: 'builtin' | 'stripe'
  /** Puts a tenant on a paid plan, or gives the page where it pays first; the plan changes when that is done. */
  subscribe(wish: PlanWish, context: ControlPlaneContext): Promise<{ readonly checkoutUrl: string | null }>
  /** Ends the paid plan, at once or when what is paid for ends. Raises NO_SUBSCRIPTION. */
  cancel(tenant: PlanActor & { readonly tenantId: TenantId }, context: ControlPlaneContext): Promise<void>
  /** A page where payment method and invoices are kept. Raises NO_SUBSCRIPTION. */
  openPortal(tenantId: TenantId, context: ControlPlaneContext): Promise<string>
  subscriptionOf(tenantId: TenantId, context: ControlPlaneContext): Promise<SubscriptionState>
  /** Newest first. */
  listInvoices(
    tenantId: TenantId,
    stretch: Stretch,
    context: ControlPlaneContext,
  ): Promise<Static<typeof Invoice>[]>
  /** Charges a month, once however often it is told to, and notes that it is settled (`settlePeriod`). */
  chargeMonth(charge: MonthCharge, context: ControlPlaneContext): Promise<void>
  /** Takes an event that the provider delivered; durable when it returns. Raises NOT_FOUND, INVALID_SIGNATURE. */
  receiveEvent(body: Uint8Array, signature: string | undefined, context: ControlPlaneContext): Promise<void>
  /** Brings a tenant's plan up to what the provider says of its customer. */
  sync(customerId: string, context: ControlPlaneContext): Promise<void>
}
