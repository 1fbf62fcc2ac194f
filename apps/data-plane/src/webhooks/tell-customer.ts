import type { Environment } from '@pacspace/api/environment'
import type { EventId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import { insertForAll } from './deliveries.sql.ts'
import { customerCreatedData, eventBody } from './event-data.ts'
import { eventIdOf } from './event-id.ts'
import type { EventSource } from './log-events.sql.ts'

const TYPE = 'customer.created'

/** A customer that was created, and not by its first delta: no log entry tells of it. */
export interface CreatedCustomer {
  readonly environment: Environment
  readonly customerId: string
  readonly displayName: string
  readonly createdAt: Timestamp
}

/** Its `customer.created`. The same customer gives the same event, whoever renders it. */
export function customerCreatedEvent(
  { tenant_id: tenantId, event_key }: Pick<EventSource, 'tenant_id' | 'event_key'>,
  { environment, customerId, displayName, createdAt }: CreatedCustomer,
): { readonly id: EventId; readonly type: typeof TYPE; readonly body: string } {
  const id = eventIdOf(event_key, TYPE, tenantId, `customer/${customerId}`)
  const data = customerCreatedData(tenantId, { customerId, displayName, createdAt })
  return { id, type: TYPE, body: eventBody({ id, type: TYPE, createdAt, tenantId, environment }, data) }
}

/** Puts it on its way to every endpoint that wants it, in the caller's transaction. `now`: it is due from then on. */
export async function insertCustomerCreated(
  db: Db,
  tenantNo: number,
  source: EventSource,
  customer: CreatedCustomer & { readonly now: Timestamp },
): Promise<void> {
  const { id: eventId, type, body } = customerCreatedEvent(source, customer)
  const { createdAt, now } = customer
  await insertForAll(db, { tenantNo, eventId, type, body, createdAt, now })
}
