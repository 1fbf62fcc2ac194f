import { defineEndpoint } from '../endpoint.ts'
import { AnchorId, BalanceAmount, CustomerId, Nullable, PeriodText, Strict, Text, Whole } from '../field.ts'
import { Type } from '../schema.ts'
import { listCheckpoints, takeCheckpoint } from './checkpoints.ts'
import { compareBalances } from './compare.ts'
import { getCustomer, getCustomersSummary } from './customers.ts'
import {
  DeltaStatus,
  deriveBalance,
  getDelta,
  ListedDelta,
  listCustomers,
  OffsetPagination,
  scopeFields,
} from './ledger.ts'
import { getReceipt } from './receipts.ts'

/**
 * What the Dashboard API shows of the ledger (product.md §4 "Ledger views"): the answers of the Balance API to a logged-in
 * user, of the environment that the request names (`X-Environment`, `X-Chain-Id`, an `X-Api-Key`'s prefix) or the user
 * prefers.
 */
const viewer = { kind: 'user', role: 'viewer' } as const
const developer = { kind: 'user', role: 'developer' } as const
const customerPath = Strict({ customerId: CustomerId })

export const listLedgerCustomers = defineEndpoint({
  id: 'listLedgerCustomers',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/customers',
  auth: viewer,
  readsEnvironment: true,
  summary: listCustomers.summary,
  query: listCustomers.query,
  success: listCustomers.success,
  problems: ['CONTRACT_NOT_DEPLOYED'],
})

export const getLedgerSummary = defineEndpoint({
  id: 'getLedgerSummary',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/customers/summary',
  auth: viewer,
  readsEnvironment: true,
  summary: getCustomersSummary.summary,
  success: getCustomersSummary.success,
  // There is nothing to validate but the headers.
  problems: ['VALIDATION_ERROR', 'CONTRACT_NOT_DEPLOYED'],
})

export const getLedgerCustomer = defineEndpoint({
  id: 'getLedgerCustomer',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/customers/:customerId',
  auth: viewer,
  readsEnvironment: true,
  summary: getCustomer.summary,
  params: customerPath,
  query: getCustomer.query,
  success: getCustomer.success,
  problems: ['CONTRACT_NOT_DEPLOYED', ...getCustomer.problems],
})

export const getLedgerBalance = defineEndpoint({
  id: 'getLedgerBalance',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/customers/:customerId/balance',
  auth: viewer,
  readsEnvironment: true,
  summary: deriveBalance.summary,
  params: customerPath,
  query: deriveBalance.query,
  success: deriveBalance.success,
  problems: ['CONTRACT_NOT_DEPLOYED', ...deriveBalance.problems],
})

export const getLedgerReceipt = defineEndpoint({
  id: 'getLedgerReceipt',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/customers/:customerId/receipt',
  auth: viewer,
  readsEnvironment: true,
  summary: getReceipt.summary,
  params: customerPath,
  query: getReceipt.query,
  success: getReceipt.success,
  problems: ['CONTRACT_NOT_DEPLOYED', ...getReceipt.problems],
})

export const exportLedger = defineEndpoint({
  id: 'exportLedger',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/customers/:customerId/export',
  auth: viewer,
  readsEnvironment: true,
  summary:
    'All verified deltas of a customer, or those of a scope, as a CSV file that is safe to open in a spreadsheet.',
  params: customerPath,
  query: Strict(scopeFields),
  success: {
    status: 200,
    bare: true,
    contentType: 'text/csv; charset=utf-8',
    data: Type.String({
      description:
        'RFC 4180 with a header line. Texts are quoted, and get an apostrophe in front where a spreadsheet would read a formula; amounts are exact numbers.',
    }),
  },
  problems: ['CONTRACT_NOT_DEPLOYED', ...getReceipt.problems],
})

const { customerId: _listed, ...checkpointPage } = listCheckpoints.query.properties

export const listLedgerCheckpoints = defineEndpoint({
  id: 'listLedgerCheckpoints',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/customers/:customerId/checkpoints',
  auth: viewer,
  readsEnvironment: true,
  summary: 'Checkpoints of a customer, newest first, its part of those of all customers included.',
  params: customerPath,
  query: Strict(checkpointPage),
  success: listCheckpoints.success,
  problems: ['CONTRACT_NOT_DEPLOYED', ...listCheckpoints.problems],
})

const { customerId: _taken, ...checkpointFields } = takeCheckpoint.body.properties

export const takeLedgerCheckpoint = defineEndpoint({
  id: 'takeLedgerCheckpoint',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/customers/:customerId/checkpoint',
  auth: developer,
  readsEnvironment: true,
  summary: 'Lock a period of a customer with a proof root. A finished month is closed once.',
  params: customerPath,
  body: Strict(checkpointFields),
  success: takeCheckpoint.success,
  problems: [
    'CONTRACT_NOT_DEPLOYED',
    'INVALID_SCOPE_COMBINATION',
    'LOG_BEHIND_ANCHOR',
    'CLOCK_UNSURE',
    'PLAN_UPGRADE_REQUIRED',
    'CUSTOMER_NOT_FOUND',
  ],
})

export const listAllCheckpoints = defineEndpoint({
  id: 'listAllCheckpoints',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/checkpoints',
  auth: viewer,
  readsEnvironment: true,
  summary: 'Checkpoints of every customer and of all of them together, newest first.',
  query: Strict(checkpointPage),
  success: listCheckpoints.success,
  problems: ['CONTRACT_NOT_DEPLOYED', 'INVALID_SCOPE_COMBINATION'],
})

export const takeCheckpointOfAll = defineEndpoint({
  id: 'takeCheckpointOfAll',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/checkpoints',
  auth: developer,
  readsEnvironment: true,
  summary: 'Lock a period of all customers with one proof root. A finished month is closed once.',
  body: Strict(checkpointFields),
  success: takeCheckpoint.success,
  problems: [
    'CONTRACT_NOT_DEPLOYED',
    'INVALID_SCOPE_COMBINATION',
    'LOG_BEHIND_ANCHOR',
    'CLOCK_UNSURE',
    'PLAN_UPGRADE_REQUIRED',
  ],
})

export const compareLedger = defineEndpoint({
  id: 'compareLedger',
  surface: 'dashboard',
  method: 'POST',
  path: '/dashboard/compare',
  auth: viewer,
  readsEnvironment: true,
  summary: compareBalances.summary,
  body: compareBalances.body,
  success: compareBalances.success,
  problems: ['CONTRACT_NOT_DEPLOYED', ...compareBalances.problems],
})

export const getLedgerDelta = defineEndpoint({
  id: 'getLedgerDelta',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/deltas/:recordId',
  auth: viewer,
  readsEnvironment: true,
  summary: getDelta.summary,
  params: getDelta.params,
  success: getDelta.success,
  problems: ['CONTRACT_NOT_DEPLOYED', ...getDelta.problems],
})

/** How a list of deltas may be narrowed. */
const narrowing = {
  customerId: Type.Optional(CustomerId),
  status: Type.Optional(DeltaStatus),
  search: Type.Optional(
    Text({
      minLength: 1,
      maxLength: 255,
      description: 'A whole recordId, or a whole referenceId beside a customerId',
    }),
  ),
}

/** How a list of deltas may be narrowed, and its page: of all, or of those before an entry of the log. */
export const deltaFilter = Strict({
  ...narrowing,
  before: Type.Optional(AnchorId),
  page: Type.Optional(Whole({ minimum: 1, maximum: 1_000, default: 1 })),
  limit: Type.Optional(Whole({ minimum: 1, maximum: 100, default: 25 })),
})

/** Deltas of all customers, newest first. There is no total: it would count the whole log. */
export const DeltaPage = Type.Object({
  deltas: Type.Array(Type.Object({ ...ListedDelta.properties, customerId: Type.String() })),
  pagination: Type.Object({ page: Type.Integer(), limit: Type.Integer(), hasMore: Type.Boolean() }),
})

export const listLedgerDeltas = defineEndpoint({
  id: 'listLedgerDeltas',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/deltas',
  auth: viewer,
  readsEnvironment: true,
  summary: 'Deltas of all customers, newest first, by customer, status, recordId or referenceId.',
  query: deltaFilter,
  success: { status: 200, data: DeltaPage },
  problems: ['CONTRACT_NOT_DEPLOYED', 'CUSTOMER_NOT_FOUND'],
})

/** Which deltas of a customer, and how many of them. */
export const historyFilter = Strict({
  ...scopeFields,
  evenly: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'So many of the scope, evenly spaced, the first and the last among them: to be drawn',
    }),
  ),
  limit: Type.Optional(Whole({ minimum: 1, maximum: 500, default: 100 })),
  offset: Type.Optional(Whole({ minimum: 0, maximum: 2 ** 40, default: 0 })),
})

/** Deltas with the balance after each, newest first, pending ones included. */
export const CustomerHistory = Type.Object({
  customerId: Type.String(),
  /** Before the first delta in scope. */
  startingBalance: BalanceAmount,
  /** After the last one, be it pending. */
  endingBalance: BalanceAmount,
  netChange: BalanceAmount,
  deltas: Type.Array(Type.Object({ ...ListedDelta.properties, balance: BalanceAmount })),
  pagination: OffsetPagination,
})

export const getLedgerHistory = defineEndpoint({
  id: 'getLedgerHistory',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/customers/:customerId/history',
  auth: viewer,
  readsEnvironment: true,
  summary: 'Deltas of a customer with the balance after each, pending ones included.',
  params: customerPath,
  query: historyFilter,
  success: { status: 200, data: CustomerHistory },
  problems: ['CONTRACT_NOT_DEPLOYED', 'INVALID_SCOPE_COMBINATION', 'CUSTOMER_NOT_FOUND'],
})

export const verificationFilter = Strict({
  period: Type.Optional(PeriodText),
})

/** How long deltas took from accepted to VERIFIED; null where none was verified. */
const VerificationLatency = Nullable(
  Type.Object({
    medianMs: Type.Integer(),
    p95Ms: Type.Integer(),
    /** Deltas that were looked at, evenly spaced; at most 100. */
    samples: Type.Integer(),
  }),
)

export const VerificationFigures = Type.Object({
  /** Of the month, or the last 30 with today; by the day (UTC) on which deltas were accepted. */
  days: Type.Array(
    Type.Object({
      date: Type.String(),
      verified: Type.Integer(),
      /** Accepted, not verified yet. */
      pending: Type.Integer(),
      latency: VerificationLatency,
    }),
  ),
  /** Of the newest 100 verified entries. */
  latency: VerificationLatency,
})

export const getLedgerVerification = defineEndpoint({
  id: 'getLedgerVerification',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/verification',
  auth: viewer,
  readsEnvironment: true,
  summary: 'Verified and pending deltas by day, and how long verification took.',
  query: verificationFilter,
  success: { status: 200, data: VerificationFigures },
  problems: ['CONTRACT_NOT_DEPLOYED'],
})

export const exportLedgerDeltas = defineEndpoint({
  id: 'exportLedgerDeltas',
  surface: 'dashboard',
  method: 'GET',
  path: '/dashboard/deltas/export',
  auth: viewer,
  readsEnvironment: true,
  summary:
    'Deltas of all customers, newest first, by customer, status, recordId or referenceId, as a CSV file that is safe to open in a spreadsheet.',
  query: Strict(narrowing),
  success: {
    status: 200,
    bare: true,
    contentType: 'text/csv; charset=utf-8',
    data: Type.String({
      description:
        'RFC 4180 with a header line. Texts are quoted, and get an apostrophe in front where a spreadsheet would read a formula; amounts are exact numbers.',
    }),
  },
  problems: ['CONTRACT_NOT_DEPLOYED', 'CUSTOMER_NOT_FOUND'],
})
