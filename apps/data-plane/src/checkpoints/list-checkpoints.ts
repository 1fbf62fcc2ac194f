import * as api from '@pacspace/api/definition/checkpoints'
import { Problem } from '@pacspace/api/problem'
import { type Db, transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { findCustomer, scopeOf, selectLogState } from '../ledger/front-door.ts'
import { countCheckpoints, selectCheckpoints } from './checkpoint.sql.ts'
import { checkpointAnswer, statusesOf } from './checkpoint-answer.ts'

/**
 * Checkpoints, newest first (product.md §3 "Checkpoint"). With a customer: its own, and its part of those of all. A scope
 * gives those that lie within it. For holders of `balance:read`.
 */
export const listCheckpoints = implement(api.listCheckpoints, async ({ principal, input }, { db, clock }) => {
  const { customerId, limit = 100, offset = 0, ...fields } = input.query
  const { start, end } = scopeOf(fields, clock.now())
  const { tenantNo } = principal
  const read = async (tx: Db) => {
    const log = await selectLogState(tx, tenantNo)
    const customer = customerId === undefined ? null : await findCustomer(tx, tenantNo, customerId)
    if (customer === undefined || log === undefined) throw new Problem('CUSTOMER_NOT_FOUND')
    const filter = { customerNo: customer?.customer_no ?? null, start, end }
    const [found, total] = await Promise.all([
      selectCheckpoints(tx, tenantNo, filter, { limit, offset }),
      countCheckpoints(tx, tenantNo, filter),
    ])
    const statuses = await statusesOf(tx, tenantNo, log, found)
    return {
      checkpoints: found.map((one, index) => checkpointAnswer(one, statuses[index] ?? 'QUEUED')),
      pagination: { total, limit, offset, hasMore: offset + found.length < total },
    }
  }
  return transaction(db, read, { isolation: 'repeatable read', readOnly: true })
})
