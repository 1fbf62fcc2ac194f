import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { CustomerWords } from './customer-unit.ts'

/** True where a customer has deltas or was created. Must run under `lockLog`. Unique index; primary key. */
export async function selectIsTaken(db: Db, tenantNo: number, customerId: string): Promise<boolean> {
  const { rows } = await db.query<{ is_taken: boolean }>(
    {
      name: 'select_customer_is_taken',
      text: `select exists (select from customer where tenant_id = $1 and customer_id = $2)
                 or exists (select from customer_profile where tenant_id = $1 and customer_id = $2) as is_taken`,
    },
    [tenantNo, customerId],
  )
  return rows[0]?.is_taken ?? false
}

/** Keeps what is said of a new customer. Must run under `lockLog`, so that it has no delta yet; the primary key is the backstop. */
export async function insertProfile(
  db: Db,
  tenantNo: number,
  words: CustomerWords,
  createdAt: Timestamp,
): Promise<void> {
  await db.query(
    {
      name: 'insert_customer_profile',
      text: `insert into customer_profile (tenant_id, customer_id, display_name, sharing_state_hint, event_cadence,
                                           unit_label, created_at)
             values ($1, $2, $3, $4, $5, $6, $7)`,
    },
    [
      tenantNo,
      words.customerId,
      words.displayName,
      words.sharingStateHint,
      words.eventCadence,
      words.unitLabel,
      createdAt,
    ],
  )
}

/** What is said of a customer; no row for one that exists since its first delta. Primary key. */
export async function selectProfile(
  db: Db,
  tenantNo: number,
  customerId: string,
): Promise<(CustomerWords & { readonly createdAt: Timestamp }) | undefined> {
  const { rows } = await db.query<CustomerWords & { readonly createdAt: Timestamp }>(
    {
      name: 'select_customer_profile',
      text: `select customer_id as "customerId", display_name as "displayName",
                    sharing_state_hint as "sharingStateHint", event_cadence as "eventCadence",
                    unit_label as "unitLabel", created_at as "createdAt"
               from customer_profile
              where tenant_id = $1 and customer_id = $2`,
    },
    [tenantNo, customerId],
  )
  return rows[0]
}

export interface CreatedCustomer {
  readonly customer_id: string
  readonly display_name: string
  readonly created_at: Timestamp
}

/**
 * Customers that were created in a stretch of time, `after` exclusive, `until` inclusive, oldest first; all of one instant
 * or none, so a page may be longer than `limit`. Index (tenant_id, created_at).
 */
export async function selectCreatedBetween(
  db: Db,
  tenantNo: number,
  stretch: { readonly after: Timestamp; readonly until: Timestamp; readonly limit: number },
): Promise<CreatedCustomer[]> {
  const { rows } = await db.query<CreatedCustomer>(
    {
      name: 'select_customers_created',
      text: `select customer_id, display_name, created_at
               from customer_profile
              where tenant_id = $1 and created_at > $2
                and created_at <= coalesce((select created_at from customer_profile
                                             where tenant_id = $1 and created_at > $2 and created_at <= $3
                                             order by created_at offset $4 - 1 limit 1), $3)
              order by created_at, customer_id`,
    },
    [tenantNo, stretch.after, stretch.until, stretch.limit],
  )
  return rows
}
