import { amountOfNumeric } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/customers'
import { Problem } from '@pacspace/api/problem'
import { toHex } from '@pacspace/proofs/hex'
import { type Db, transaction } from '@pacspace/service/postgres'
import { selectLatestCheckpoint } from '../checkpoints/front-door.ts'
import { implement } from '../context.ts'
import { listedCustomer } from './customer-answer.ts'
import { findCustomer } from './customer-state.ts'
import { selectCustomer } from './customers.sql.ts'
import { type LogProgress, statusOf } from './delta-answer.ts'
import { checkpointIdOf } from './other-entry.ts'
import { selectCustomerDeltas, selectLogState } from './read.sql.ts'
import { recordIdOf } from './record-id.ts'
import { scopeOf } from './scope.ts'
import { lengthOf, type Stretch, stretchOf } from './stretch.ts'

/**
 * One customer with its verified balance, its newest checkpoint and its newest deltas, pending ones included
 * (product.md §3 "Customers"). `period` narrows the activity alone. From one snapshot.
 */
export const getCustomer = implement(api.getCustomer, async ({ principal, input }, { db, clock }) => {
  const { deltaPage: page = 1, deltaLimit: limit = 20 } = input.query
  const { tenantId, tenantNo } = principal
  const scope = scopeOf(input.query, clock.now())
  const read = async (tx: Db) => {
    const [log, state] = await Promise.all([
      selectLogState(tx, tenantNo),
      findCustomer(tx, tenantNo, input.params.customerId),
    ])
    if (log === undefined || state === undefined) throw new Problem('CUSTOMER_NOT_FOUND')
    const customerNo = state.customer_no
    const stretch = await stretchOf(tx, tenantNo, state, { includePending: true }, scope)
    const total = lengthOf(stretch)
    const [customer, checkpoint, items] = await Promise.all([
      selectCustomer(tx, tenantNo, { customerId: input.params.customerId, customerNo }),
      selectLatestCheckpoint(tx, tenantNo, customerNo),
      readActivity(tx, tenantNo, customerNo, log, newestFirst(stretch, page, limit)),
    ])
    return {
      ...listedCustomer(tenantId, customer),
      sharingStateHint: customer.sharing_state_hint,
      eventCadence: customer.event_cadence,
      unitLabel: customer.unit_label,
      latestCheckpoint: checkpoint === undefined ? null : checkpointIdOf(checkpoint),
      recentActivity: { items, pagination: { total, page, limit, totalPages: Math.ceil(total / limit) } },
    }
  }
  return transaction(db, read, { isolation: 'repeatable read', readOnly: true })
})

/** The page of a stretch that is counted from its end. */
function newestFirst({ fromSeq, toSeq }: Stretch, page: number, limit: number): Stretch {
  const lastSeq = toSeq - (page - 1) * limit
  return { fromSeq: Math.max(fromSeq, lastSeq - limit + 1), toSeq: lastSeq }
}

async function readActivity(
  tx: Db,
  tenantNo: number,
  customerNo: number,
  log: LogProgress,
  { fromSeq, toSeq }: Stretch,
) {
  if (toSeq < fromSeq) return []
  const rows = await selectCustomerDeltas(tx, tenantNo, customerNo, fromSeq, toSeq)
  return rows.toReversed().map((row) => ({
    delta: amountOfNumeric(row.amount),
    reason: row.reason,
    referenceId: row.reference_id,
    status: statusOf(row.log_index, log),
    time: row.created_at,
    recordId: recordIdOf(row.log_index, row.record_nonce),
    verificationReference: toHex(row.items_root),
  }))
}
