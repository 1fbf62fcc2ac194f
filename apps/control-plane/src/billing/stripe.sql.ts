import type { TenantId } from '@pacspace/api/id'
import type { Tier } from '@pacspace/api/plan'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db, Tx } from '@pacspace/service/postgres'

/** What a subscription gives. */
export interface SubscriptionFacts {
  readonly subscriptionId: string | null
  readonly tier: Tier | null
  readonly cancelAtPeriodEnd: boolean
  readonly currentPeriodEnd: Timestamp | null
}

export interface StripeCustomerRow extends SubscriptionFacts {
  readonly tenantId: TenantId
  readonly customerId: string
  readonly version: number
}

/** A tenant's customer at Stripe. Primary key. */
export async function findStripeCustomer(db: Db, tenantId: TenantId): Promise<StripeCustomerRow | undefined> {
  const { rows } = await db.query<StripeCustomerRow>(
    `select tenant_id as "tenantId", customer_id as "customerId", subscription_id as "subscriptionId", tier,
            cancel_at_period_end as "cancelAtPeriodEnd", current_period_end as "currentPeriodEnd", version
     from stripe_customer
     where tenant_id = $1`,
    [tenantId],
  )
  return rows[0]
}

/** The same by Stripe's id. Unique index. */
export async function findTenantOfCustomer(db: Db, customerId: string): Promise<TenantId | undefined> {
  const { rows } = await db.query<{ tenantId: TenantId }>(
    `select tenant_id as "tenantId" from stripe_customer where customer_id = $1`,
    [customerId],
  )
  return rows[0]?.tenantId
}

/** Keeps a tenant's customer; the first one stays. */
export async function insertStripeCustomer(db: Db, tenantId: TenantId, customerId: string): Promise<void> {
  await db.query(
    `insert into stripe_customer (tenant_id, customer_id) values ($1, $2) on conflict (tenant_id) do nothing`,
    [tenantId, customerId],
  )
}

/** Writes what Stripe said, if nobody has written since `version` was read; false otherwise. Locks the row. */
export async function updateSubscription(
  tx: Tx,
  tenantId: TenantId,
  version: number,
  facts: SubscriptionFacts,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update stripe_customer
     set subscription_id = $3, tier = $4, cancel_at_period_end = $5, current_period_end = $6, version = version + 1
     where tenant_id = $1 and version = $2`,
    [tenantId, version, facts.subscriptionId, facts.tier, facts.cancelAtPeriodEnd, facts.currentPeriodEnd],
  )
  return rowCount === 1
}

/** Keeps an event; false if it was here before. */
export async function insertStripeEvent(
  tx: Tx,
  event: {
    readonly id: string
    readonly type: string
    readonly customerId: string | null
    readonly now: Timestamp
  },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into stripe_event (id, type, customer_id, received_at, synced_at)
     values ($1, $2, $3, $4, case when $3::text is null then $4::timestamptz end)
     on conflict (id) do nothing`,
    [event.id, event.type, event.customerId, event.now],
  )
  return rowCount === 1
}

/** Events about a customer that Stripe was not asked about yet. Partial index. */
export async function listWaitingEvents(db: Db, customerId: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    'select id from stripe_event where customer_id = $1 and synced_at is null',
    [customerId],
  )
  return rows.map(({ id }) => id)
}

/** Customers with events that Stripe was not asked about yet. Partial index. */
export async function listWaitingCustomers(db: Db, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ customerId: string }>(
    'select distinct customer_id as "customerId" from stripe_event where synced_at is null limit $1',
    [limit],
  )
  return rows.map(({ customerId }) => customerId)
}

/** Notes that Stripe was asked after these events came. */
export async function markEventsSynced(tx: Tx, ids: readonly string[], now: Timestamp): Promise<void> {
  await tx.query('update stripe_event set synced_at = $2 where id = any($1)', [ids, now])
}
