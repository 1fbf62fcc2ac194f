import { ZERO } from '@pacspace/api/amount'
import { getCustomersSummary } from '@pacspace/api/definition/customers'
import { listCustomers } from '@pacspace/api/definition/ledger'
import type { EndpointData } from '@pacspace/api/endpoint'
import { ledgerView } from '@pacspace/api/internal/ledger-view'
import { listPlaneDeltas } from '@pacspace/api/internal/plane-deltas'

const customers: EndpointData<typeof listCustomers> = {
  customers: [],
  pagination: { total: 0, page: 1, limit: 25, totalPages: 0 },
}

const summary: EndpointData<typeof getCustomersSummary> = {
  totalCustomers: 0,
  totalDeltas: 0,
  verifiedDeltas: 0,
  pendingDeltas: 0,
  failedDeltas: 0,
  totalBalance: ZERO,
  lastDeltaAt: null,
  verificationHealth: 'healthy',
  lastVerifiedAt: null,
  logCheckpoint: null,
}

const deltas: EndpointData<typeof listPlaneDeltas> = {
  deltas: [],
  pagination: { page: 1, limit: 25, hasMore: false },
}

/** What views of a ledger without customers answer, by the view's id; what is not here does not exist in one. */
export const emptyLedger: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  [ledgerView(listCustomers).id, customers],
  [ledgerView(getCustomersSummary).id, summary],
  [listPlaneDeltas.id, deltas],
])
