import type { EndpointInput } from '@pacspace/api/endpoint'
import * as api from '@pacspace/api/internal/plane-deltas'
import { Problem, validationProblem } from '@pacspace/api/problem'
import { equalBytes } from '@pacspace/proofs/bytes'
import { type Db, transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { selectTenantNo } from '../tenants/front-door.ts'
import { findCustomer } from './customer-state.ts'
import { deltaOfRow, type StoredDelta } from './delta.ts'
import { type DeltaStatus, type LogProgress, listedDelta, statusOf } from './delta-answer.ts'
import { referenceHash } from './group-facts.ts'
import {
  type LogRange,
  type RowPage,
  selectNewestDeltas,
  selectNewestOfCustomer,
  selectNewestReferenced,
} from './list-deltas.sql.ts'
import { type CustomerState, type LogState, selectDelta, selectLogState } from './read.sql.ts'
import { parseRecordId } from './record-id.ts'

type Filter = EndpointInput<typeof api.listPlaneDeltas>['query']

/**
 * A tenant's deltas, newest first, for the control plane (product.md §4 "Ledger views"). From one snapshot. Raises
 * CONTRACT_NOT_DEPLOYED, CUSTOMER_NOT_FOUND, and VALIDATION_ERROR for a search that no index answers: a reference of
 * any customer.
 */
export const listPlaneDeltas = implement(api.listPlaneDeltas, async ({ input }, { db }) => {
  const { page = 1, limit = 25 } = input.query
  const read = async (tx: Db) => {
    const tenantNo = await selectTenantNo(tx, input.params.tenantId)
    const log = tenantNo === undefined ? undefined : await selectLogState(tx, tenantNo)
    if (tenantNo === undefined || log === undefined) throw new Problem('CONTRACT_NOT_DEPLOYED')
    // One more than is shown tells whether there are more.
    const wanted = { limit: limit + 1, offset: (page - 1) * limit }
    const rows = await selectRows(tx, tenantNo, log, input.query, wanted)
    const deltas = rows.slice(0, limit).map((row) => ({
      ...listedDelta(deltaOfRow(row), statusOf(row.log_index, log)),
      customerId: row.customer_id,
    }))
    return { deltas, pagination: { page, limit, hasMore: rows.length > limit } }
  }
  return transaction(db, read, { isolation: 'repeatable read', readOnly: true })
})

async function selectRows(
  tx: Db,
  tenantNo: number,
  log: LogState,
  { customerId, status, search, before }: Filter,
  page: RowPage,
): Promise<StoredDelta[]> {
  const range = cutBefore(rangeOf(status, log, log.log_size), before)
  let customer: CustomerState | undefined
  if (customerId !== undefined) {
    customer = await findCustomer(tx, tenantNo, customerId)
    if (customer === undefined) throw new Problem('CUSTOMER_NOT_FOUND')
  }
  const address = search === undefined ? undefined : parseRecordId(search)
  if (address !== undefined) {
    const row = page.offset === 0 ? await selectDelta(tx, tenantNo, address.logIndex) : undefined
    if (row === undefined || !equalBytes(row.record_nonce, address.nonce)) return []
    if (customer !== undefined && row.customer_no !== customer.customer_no) return []
    return isWithin(row.log_index, range) ? [row] : []
  }
  if (customer === undefined) {
    if (search === undefined) return await selectNewestDeltas(tx, tenantNo, range, page)
    throw validationProblem('/search', 'must be a recordId, or a referenceId beside a customerId')
  }
  const { customer_no: customerNo, last_seq: lastSeq } = customer
  if (search === undefined) {
    return await selectNewestOfCustomer(tx, tenantNo, { customerNo, lastSeq }, range, page)
  }
  const reference = { customerNo, referenceId: search, referenceHash: referenceHash(search) }
  return await selectNewestReferenced(tx, tenantNo, reference, range, page)
}

/** The log indexes of a status in a log of `size` entries: what `statusOf` says, turned round. */
export function rangeOf(status: DeltaStatus | undefined, progress: LogProgress, size: number): LogRange {
  const { verified_size: verified, tree_size: tree, first_failed_index: failed } = progress
  const end = failed ?? size
  const none = { holeFrom: 0, holeTo: 0 }
  switch (status) {
    case undefined:
      return { from: 0, to: size, ...none }
    case 'VERIFIED':
      return { from: 0, to: Math.min(verified, end), ...none }
    case 'FAILED':
      return { from: end, to: failed === null ? end : end + 1, ...none }
    case 'QUEUED':
      return { from: Math.max(tree, verified), to: end, ...none }
    case 'PROCESSING':
      if (failed === null) return { from: verified, to: tree, ...none }
      // Behind damage nothing is decided; between the tree and the damage entries still wait.
      return {
        from: Math.min(verified, failed),
        to: size,
        holeFrom: Math.min(tree, failed),
        holeTo: failed + 1,
      }
    default:
      return status satisfies never
  }
}

/** The part of a range below a place in the log (`a_n`): pages that begin there stay as they are while the log grows. */
function cutBefore(range: LogRange, before: Filter['before']): LogRange {
  return before === undefined
    ? range
    : { ...range, to: Math.min(range.to, Number(before.slice('a_'.length))) }
}

function isWithin(index: number, { from, to, holeFrom, holeTo }: LogRange): boolean {
  return index >= from && index < to && !(index >= holeFrom && index < holeTo)
}
