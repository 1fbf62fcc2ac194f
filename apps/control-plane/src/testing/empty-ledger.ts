import { ZERO } from '@pacspace/api/amount'
import { listCheckpoints } from '@pacspace/api/definition/checkpoints'
import { getCustomersSummary } from '@pacspace/api/definition/customers'
import { listCustomers } from '@pacspace/api/definition/ledger'
import type { EndpointData } from '@pacspace/api/endpoint'
import { ledgerView } from '@pacspace/api/internal/ledger-view'
import { listPlaneDeltas } from '@pacspace/api/internal/plane-deltas'
import { getPlaneVerification } from '@pacspace/api/internal/plane-verification'

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

const checkpoints: EndpointData<typeof listCheckpoints> = {
  checkpoints: [],
  pagination: { total: 0, limit: 100, offset: 0, hasMore: false },
}

const answers: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  [ledgerView(listCustomers).id, customers],
  [ledgerView(getCustomersSummary).id, summary],
  [listPlaneDeltas.id, deltas],
  [getPlaneVerification.id, { days: [], latency: null }],
])

/** What a view of a ledger without customers answers, by the view's id; undefined: what is asked for is not in one. */
export function emptyLedger(id: string, input: unknown): unknown {
  const isOfAll =
    id === ledgerView(listCheckpoints).id && Object(Object(input).query).customerId === undefined
  return isOfAll ? checkpoints : answers.get(id)
}
