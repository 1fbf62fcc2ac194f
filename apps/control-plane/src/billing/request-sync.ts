import type { Db } from '@pacspace/service/postgres'
import { enqueueJob } from '../enqueue-job.ts'
import { listWaitingCustomers } from './stripe.sql.ts'

/** Customers that one look finds; the next look finds the rest. */
const WAITING_MAX = 1_000

/** Asks for a sync in the caller's transaction. */
export async function requestSync(db: Db, customerId: string): Promise<void> {
  await enqueueJob(db, { task: 'sync_stripe', payload: { customerId }, key: `sync_stripe:${customerId}` })
}

/** Asks for every sync that is due. Safe at any time. */
export async function requestDueSyncs(db: Db): Promise<void> {
  for (const customerId of await listWaitingCustomers(db, WAITING_MAX)) await requestSync(db, customerId)
}
