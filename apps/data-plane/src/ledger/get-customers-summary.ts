import { amountOfNumeric } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/customers'
import { toHex } from '@pacspace/proofs/hex'
import { implement } from '../context.ts'
import { type SummaryRow, selectSummary } from './customers.sql.ts'

/** All customers together: counts, totals, and how verification stands (product.md §3 "Customers"). */
export const getCustomersSummary = implement(api.getCustomersSummary, async ({ principal }, { db }) => {
  const summary = await selectSummary(db, principal.tenantNo)
  if (summary === undefined) throw new Error(`active tenant ${principal.tenantId} has no log`)
  const { verified_deltas: verifiedDeltas, pending_deltas: pendingDeltas, root } = summary
  return {
    totalCustomers: summary.customers,
    totalDeltas: verifiedDeltas + pendingDeltas,
    verifiedDeltas,
    pendingDeltas,
    failedDeltas: summary.first_failed_index === null ? 0 : 1,
    totalBalance: amountOfNumeric(summary.balance),
    lastDeltaAt: summary.last_delta_at,
    verificationHealth: healthOf(summary),
    lastVerifiedAt: summary.anchored_at,
    logCheckpoint: root === null ? null : { size: summary.verified_size, root: toHex(root) },
  }
})

function healthOf(summary: SummaryRow): 'healthy' | 'failed' | 'blocked' {
  if (summary.blocked_code !== null) return 'blocked'
  return summary.first_failed_index === null ? 'healthy' : 'failed'
}
