import { subtractAmounts, ZERO } from '@pacspace/api/amount'
import type { EndpointInput } from '@pacspace/api/endpoint'
import * as api from '@pacspace/api/internal/plane-history'
import { Problem } from '@pacspace/api/problem'
import { type Db, transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { selectTenantNo } from '../tenants/front-door.ts'
import { findCustomer } from './customer-state.ts'
import { deltaOfRow } from './delta.ts'
import { listedDelta, statusOf } from './delta-answer.ts'
import { selectDeltasOfSeqs } from './history.sql.ts'
import { selectLogState } from './read.sql.ts'
import { scopeOf } from './scope.ts'
import { endAt, lengthOf, type Stretch, stretchOf } from './stretch.ts'

type Wanted = Pick<EndpointInput<typeof api.getPlaneHistory>['query'], 'evenly' | 'limit' | 'offset'>

/**
 * Deltas of a customer with the balance after each, for the control plane: a page of them, newest first, or so many of a
 * scope evenly spaced, to be drawn (docs/decisions/0070). Pending ones are included, each with its status. One step on an
 * index for each, whatever the length of the ledger; from one snapshot.
 */
export const getPlaneHistory = implement(api.getPlaneHistory, async ({ input }, { db, clock }) => {
  const { params, query } = input
  const scope = scopeOf(query, clock.now())
  const read = async (tx: Db) => {
    const tenantNo = await selectTenantNo(tx, params.tenantId)
    const log = tenantNo === undefined ? undefined : await selectLogState(tx, tenantNo)
    if (tenantNo === undefined || log === undefined) throw new Problem('CONTRACT_NOT_DEPLOYED')
    const customer = await findCustomer(tx, tenantNo, params.customerId)
    if (customer === undefined) throw new Problem('CUSTOMER_NOT_FOUND')
    const { customer_no: customerNo } = customer
    const stretch = await stretchOf(tx, tenantNo, customer, { includePending: true }, scope)
    const [before, after, rows] = await Promise.all([
      endAt(tx, tenantNo, customerNo, stretch.fromSeq - 1),
      endAt(tx, tenantNo, customerNo, stretch.toSeq),
      selectDeltasOfSeqs(tx, tenantNo, customerNo, wantedSeqs(stretch, query)),
    ])
    const total = lengthOf(stretch)
    const { limit = LIMIT_DEFAULT, offset = 0 } = query
    const deltas = rows.map((row) => {
      const delta = deltaOfRow(row)
      return { ...listedDelta(delta, statusOf(row.log_index, log)), balance: delta.balance }
    })
    return {
      customerId: params.customerId,
      startingBalance: before.balance,
      endingBalance: after.balance,
      netChange: total === 0 ? ZERO : subtractAmounts(after.balance, before.balance),
      deltas,
      pagination: { total, limit, offset, hasMore: !query.evenly && offset + deltas.length < total },
    }
  }
  return transaction(db, read, { isolation: 'repeatable read', readOnly: true })
})

const LIMIT_DEFAULT = 100

/** The sequence numbers that a request asks for, newest first; of those evenly spaced the first and the last always. */
export function wantedSeqs(
  { fromSeq, toSeq }: Stretch,
  { evenly = false, limit = LIMIT_DEFAULT, offset = 0 }: Wanted,
): number[] {
  const total = toSeq - fromSeq + 1
  if (!evenly || total <= limit) {
    const skipped = evenly ? 0 : offset
    const count = Math.max(0, Math.min(limit, total - skipped))
    return Array.from({ length: count }, (_, i) => toSeq - skipped - i)
  }
  if (limit === 1) return [toSeq]
  return Array.from({ length: limit }, (_, i) => toSeq - Math.round((i * (total - 1)) / (limit - 1)))
}
