import type { Db } from '@pacspace/service/postgres'
import type { Finding } from './finding.ts'
import { selectHeads } from './fsck.sql.ts'
import { type CheckedTotal, selectCustomerEnd, selectTotals, type TotalPlace } from './totals.sql.ts'

const CUSTOMERS_AT_ONCE = 500
const TOTALS_AT_ONCE = 200

/** Before every place: a damaged number may be anything. */
export const BEFORE_ALL_TOTALS: TotalPlace = { customerNo: -(2 ** 31) - 1, seq: 0 }

export interface CheckedTotals {
  readonly findings: readonly Finding[]
  /** Where the next page begins; null at the end. */
  readonly next: TotalPlace | null
}

/**
 * A page of the sums of credits (docs/decisions/0036): one stands at every 256th verified delta of a customer, is the one
 * before it and what came since, and none stands elsewhere.
 */
export async function checkTotalsAfter(db: Db, tenantNo: number, after: TotalPlace): Promise<CheckedTotals> {
  const { verified_size } = await selectHeads(db, tenantNo)
  const customerEnd = await selectCustomerEnd(db, tenantNo, after.customerNo, CUSTOMERS_AT_ONCE)
  const totals = await selectTotals(db, tenantNo, after, customerEnd, verified_size ?? 0, TOTALS_AT_ONCE)
  const last = totals.at(-1)
  const isMore = totals.length === TOTALS_AT_ONCE && last !== undefined
  return {
    findings: totals.flatMap(judge),
    next: isMore
      ? { customerNo: last.customer_no, seq: last.seq }
      : customerEnd === 2 ** 31 - 1
        ? null
        : { customerNo: customerEnd, seq: 2 ** 31 - 1 },
  }
}

function judge(total: CheckedTotal): Finding[] {
  if (total.is_right) return []
  const { customer_no, seq, expected, stored, log_index } = total
  const text =
    stored === null
      ? 'the row is missing'
      : log_index === null
        ? 'seq: no verified delta for a sum to stand at'
        : `credits: expected ${expected ?? 'a sum before it'}, stored ${stored}`
  return [
    {
      table: 'customer_total',
      row: `customer_no ${customer_no}, seq ${seq}`,
      text,
      logIndex: log_index ?? 0,
    },
  ]
}
