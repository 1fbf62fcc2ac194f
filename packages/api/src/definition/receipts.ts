import { defineEndpoint } from '../endpoint.ts'
import { BalanceAmount, CustomerId, Hash, Instant, Nullable, Strict, Whole } from '../field.ts'
import { Type } from '../schema.ts'
import { DeltaProof, ListedDelta, OffsetPagination, scopeFields } from './ledger.ts'

/** Totals of one month in scope. */
const WindowSummary = Type.Object({
  period: Type.String(),
  totalCredits: BalanceAmount,
  /** Positive: what the negative deltas took away. */
  totalDebits: BalanceAmount,
  /** Credits less debits. */
  netChange: BalanceAmount,
  deltasCount: Type.Integer(),
})

const receipt = {
  customerId: Type.String(),
  ledgerIdentifier: Type.String(),
  generatedAt: Instant,
  deltasCount: Type.Integer(),
  finalBalance: BalanceAmount,
  /** Root after the last delta in scope; null before the first delta. */
  itemsRoot: Nullable(Hash),
  receiptId: Nullable(Hash),
  latestCheckpoint: Nullable(Hash),
  deltas: Type.Array(ListedDelta),
  windowSummaries: Type.Array(WindowSummary),
  verification: Type.Object({
    /** Of the deltas of this page. */
    itemHashes: Type.Array(Hash),
    /** Of the last delta in scope: its record states the balance. */
    proof: Nullable(DeltaProof),
    publicKey: Type.String(),
    verifyUrl: Nullable(Type.String()),
    verificationApiUrl: Nullable(Type.String()),
  }),
  pagination: OffsetPagination,
}

const scopedReceipt = {
  /** Null for a scope that is no month. */
  period: Nullable(Type.String()),
  proofRoot: Nullable(Hash),
  startingBalance: BalanceAmount,
  deltaCount: Type.Integer(),
  verifyUrl: Nullable(Type.String()),
  verificationApiUrl: Nullable(Type.String()),
  accessHint: Type.Null(),
  customerLinkUrl: Type.Null(),
  customerLinkHost: Type.Null(),
}

const optional = {
  period: Type.Optional(scopedReceipt.period),
  proofRoot: Type.Optional(scopedReceipt.proofRoot),
  startingBalance: Type.Optional(scopedReceipt.startingBalance),
  deltaCount: Type.Optional(scopedReceipt.deltaCount),
  verifyUrl: Type.Optional(scopedReceipt.verifyUrl),
  verificationApiUrl: Type.Optional(scopedReceipt.verificationApiUrl),
  accessHint: Type.Optional(scopedReceipt.accessHint),
  customerLinkUrl: Type.Optional(scopedReceipt.customerLinkUrl),
  customerLinkHost: Type.Optional(scopedReceipt.customerLinkHost),
}

const query = Strict({
  ...scopeFields,
  limit: Type.Optional(Whole({ minimum: 1, maximum: 10_000, default: 1_000 })),
  offset: Type.Optional(Whole({ minimum: 0, maximum: 2 ** 40, default: 0 })),
  format: Type.Optional(
    Type.Union([Type.Literal('json'), Type.Literal('tlog-proof')], {
      description: '`tlog-proof`: the offline proof file, as `Accept: text/plain` gives it',
    }),
  ),
})

export const getReceipt = defineEndpoint({
  id: 'getReceipt',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/balance/receipt/:customerId',
  auth: { kind: 'apiKey', permission: 'balance:read' },
  summary:
    "A customer's verified deltas with totals and proof; with a period or dates, the receipt of that scope.",
  params: Strict({ customerId: CustomerId }),
  query,
  success: { status: 200, data: Type.Object({ ...receipt, ...optional }), alsoText: true },
  problems: ['INVALID_SCOPE_COMBINATION', 'CUSTOMER_NOT_FOUND', 'NOT_FOUND'],
})

export const getInvoiceProof = defineEndpoint({
  id: 'getInvoiceProof',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/balance/invoice-proof/:customerId',
  auth: { kind: 'apiKey', permission: 'balance:read' },
  summary: 'The receipt of a scope, to go with an invoice.',
  params: Strict({ customerId: CustomerId }),
  query,
  success: { status: 200, data: Type.Object({ ...receipt, ...scopedReceipt }), alsoText: true },
  problems: ['INVALID_SCOPE_COMBINATION', 'CUSTOMER_NOT_FOUND', 'NOT_FOUND'],
})
