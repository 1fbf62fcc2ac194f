import { addAmounts, subtractAmounts, ZERO } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/ledger'
import { Problem } from '@pacspace/api/problem'
import { toHex } from '@pacspace/proofs/hex'
import { type Db, transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { findCustomer } from './customer-state.ts'
import { deltaOfRow } from './delta.ts'
import { listedDelta, statusOf } from './delta-answer.ts'
import { selectCustomerDeltas, selectLogState } from './read.sql.ts'
import { scopeOf } from './scope.ts'
import { endAt, lengthOf, stretchOf } from './stretch.ts'

/**
 * The exact balance of a customer: the starting balance and all verified deltas in scope (product.md §3 "Derive"). Every
 * row carries the running balance, so the sum over any stretch is one difference of two rows, and the cost does not grow
 * with the history. Head, verified size and page come from one snapshot.
 */
export const deriveBalance = implement(api.deriveBalance, async ({ principal, input }, { db, clock }) => {
  const { query } = input
  const { customerId } = input.params
  const scope = scopeOf(query, clock.now())
  const tenantNo = principal.tenantNo
  const read = async (tx: Db) => {
    const [log, customer] = await Promise.all([
      selectLogState(tx, tenantNo),
      findCustomer(tx, tenantNo, customerId),
    ])
    if (log === undefined || customer === undefined) throw new Problem('CUSTOMER_NOT_FOUND')
    const stretch = await stretchOf(tx, tenantNo, customer, query, scope)
    const { fromSeq, toSeq } = stretch
    const total = lengthOf(stretch)
    const { limit = 100, offset = 0 } = query
    const customerNo = customer.customer_no
    const lastListed = Math.min(toSeq, fromSeq + offset + limit - 1)
    const [before, after, rows] = await Promise.all([
      endAt(tx, tenantNo, customerNo, fromSeq - 1),
      endAt(tx, tenantNo, customerNo, toSeq),
      offset < total ? selectCustomerDeltas(tx, tenantNo, customerNo, fromSeq + offset, lastListed) : [],
    ])
    const startingBalance = query.startingBalance ?? ZERO
    return {
      customerId,
      startingBalance,
      computedBalance: addAmounts(startingBalance, subtractAmounts(after.balance, before.balance)),
      deltasCount: total,
      deltaCount: total,
      latestReceiptId: after.itemsRoot === null ? null : toHex(after.itemsRoot),
      latestAnchorId: after.logIndex === null ? null : (`a_${after.logIndex}` as const),
      pendingCount: customer.last_seq - customer.verified_seq,
      deltas: rows.map((row) => listedDelta(deltaOfRow(row), statusOf(row.log_index, log))),
      pagination: { total, limit, offset, hasMore: offset + rows.length < total },
    }
  }
  return transaction(db, read, { isolation: 'repeatable read', readOnly: true })
})
