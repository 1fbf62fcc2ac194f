import type { Db } from '@pacspace/service/postgres'

/** How many rows each table of the ledger holds, all tenants together; and how far their logs claim to be written. */
export interface LedgerRows {
  readonly deltas: number
  readonly customers: number
  readonly batches: number
  readonly logSize: number
}

/** Counts the ledger: what a refusal must leave as it was. */
export async function ledgerRows(owner: Db): Promise<LedgerRows> {
  const { rows } = await owner.query<LedgerRows>(
    `select (select count(*) from delta) as deltas, (select count(*) from customer) as customers,
            (select count(*) from batch_request) as batches,
            (select coalesce(sum(size), 0)::bigint from log_head) as "logSize"`,
  )
  const [counts] = rows
  if (counts === undefined) throw new Error('four counts are one row')
  return counts
}
