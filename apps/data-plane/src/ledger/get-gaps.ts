import * as api from '@pacspace/api/definition/customers'
import { Problem } from '@pacspace/api/problem'
import { type Db, transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { findCustomer } from './customer-state.ts'
import { type GapRow, selectGaps } from './customers.sql.ts'

/**
 * Sequence numbers that are missing: always none, unless rows were taken away (product.md §3 "The rest"). The rows
 * themselves are looked at, at most `GAP_RANGE_MAX` numbers a call; `toSequence` says how far.
 */
export const getGaps = implement(api.getGaps, async ({ principal: { tenantNo }, input }, { db }) => {
  const { customerId } = input.params
  const { fromSequence = 1, toSequence = Number.MAX_SAFE_INTEGER, limit = 100 } = input.query
  const read = async (tx: Db) => {
    const customer = await findCustomer(tx, tenantNo, customerId)
    if (customer === undefined) throw new Problem('CUSTOMER_NOT_FOUND')
    // A last row that was taken away is still known by the verified end.
    const lastSequence = Math.max(customer.last_seq, customer.verified_seq)
    const wantedSequence = Math.min(toSequence, lastSequence)
    const rangeEnd = Math.min(wantedSequence, fromSequence + api.GAP_RANGE_MAX - 1)
    const found =
      rangeEnd < fromSequence
        ? []
        : await selectGaps(tx, tenantNo, customer.customer_no, fromSequence, rangeEnd, limit)
    const gaps = numbersOf(found, limit)
    // Whoever asks again from there on misses nothing.
    const checkedTo = gaps.length === limit ? (gaps.at(-1) ?? rangeEnd) : rangeEnd
    return {
      customerId,
      fromSequence,
      toSequence: Math.max(checkedTo, fromSequence - 1),
      lastSequence,
      gaps,
      hasMore: checkedTo < wantedSequence,
    }
  }
  return transaction(db, read, { isolation: 'repeatable read', readOnly: true })
})

/** The first numbers of these gaps. */
function numbersOf(rows: readonly GapRow[], limit: number): number[] {
  const numbers: number[] = []
  for (const { from_seq: from, to_seq: to } of rows) {
    for (let seq = from; seq <= to && numbers.length < limit; seq++) numbers.push(seq)
  }
  return numbers
}
