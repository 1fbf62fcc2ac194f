import { defineEndpoint } from '../endpoint.ts'
import {
  AnchorId,
  BalanceAmount,
  CustomerId,
  DeltaAmount,
  Hash,
  IdOf,
  Instant,
  Metadata,
  Nullable,
  Reason,
  ReferenceId,
  Strict,
  Text,
  Whole,
} from '../field.ts'
import { Type } from '../schema.ts'

/** The committed delta that this one corrects, by either name. */
const Adjusts = Type.Union([
  Strict({ recordId: Type.String({ maxLength: 128 }) }),
  Strict({ referenceId: ReferenceId }),
])

export const DeltaBody = Strict({
  customerId: CustomerId,
  delta: DeltaAmount,
  reason: Reason,
  referenceId: Type.Optional(ReferenceId),
  metadata: Type.Optional(Metadata),
  adjusts: Type.Optional(Adjusts),
})

export const DeltaStatus = Type.Union([
  Type.Literal('QUEUED'),
  Type.Literal('PROCESSING'),
  Type.Literal('VERIFIED'),
  Type.Literal('FAILED'),
])

/** A delta as emit, status and the event stream show it. */
export const emitted = {
  recordId: IdOf('rec'),
  anchorId: AnchorId,
  receiptId: Hash,
  customerId: Type.String(),
  delta: DeltaAmount,
  reason: Type.String(),
  referenceId: Nullable(Type.String()),
  metadata: Nullable(Metadata),
  adjusts: Nullable(IdOf('rec')),
  sequenceNumber: Type.Integer(),
  contentHash: Hash,
  itemHash: Hash,
  previousProofHash: Hash,
  status: DeltaStatus,
  createdAt: Instant,
}

export const emitDelta = defineEndpoint({
  id: 'emitDelta',
  surface: 'balance',
  method: 'POST',
  path: '/api/v1/balance/delta',
  auth: { kind: 'apiKey', permission: 'balance:write' },
  summary: 'Append one signed change to the ledger of a customer. When the answer arrives, it is on disk.',
  query: Strict({
    /** Holds the answer until the status is final, at most 30 s. */
    wait: Type.Optional(Type.Literal('verified')),
  }),
  body: DeltaBody,
  idempotent: true,
  success: {
    status: 201,
    data: Type.Object({ ...emitted, idempotent: Type.Optional(Type.Literal(true)) }),
  },
  problems: [
    'LOG_BEHIND_ANCHOR',
    'CLOCK_UNSURE',
    'IDEMPOTENCY_CONFLICT',
    'PLAN_UPGRADE_REQUIRED',
    'ADJUSTED_DELTA_NOT_FOUND',
    'ADJUSTED_DELTA_AMBIGUOUS',
    'INSUFFICIENT_CREDITS',
  ],
})

/** Deltas that one batch may carry. */
export const BATCH_DELTAS_MAX = 1_000

export const emitBatch = defineEndpoint({
  id: 'emitBatch',
  surface: 'balance',
  method: 'POST',
  path: '/api/v1/balance/delta/batch',
  auth: { kind: 'apiKey', permission: 'balance:write' },
  summary: 'Append up to 1,000 changes in one commit. One bad item does not fail the others.',
  // Items are validated one by one by the handler, so that a bad one fails alone.
  body: Strict({ deltas: Type.Array(Type.Unknown(), { minItems: 1, maxItems: BATCH_DELTAS_MAX }) }),
  bodyBytesMax: 20 * 1024 * 1024,
  idempotent: true,
  success: {
    status: 201,
    data: Type.Object({
      totalQueued: Type.Integer(),
      totalFailed: Type.Integer(),
      results: Type.Array(
        Type.Object({
          index: Type.Integer(),
          customerId: Nullable(Type.String()),
          delta: Nullable(DeltaAmount),
          status: Type.Union([Type.Literal('QUEUED'), Type.Literal('FAILED')]),
          recordId: Type.Optional(IdOf('rec')),
          anchorId: Type.Optional(AnchorId),
          receiptId: Type.Optional(Hash),
          sequenceNumber: Type.Optional(Type.Integer()),
          contentHash: Type.Optional(Hash),
          itemHash: Type.Optional(Hash),
          createdAt: Type.Optional(Instant),
          idempotent: Type.Optional(Type.Literal(true)),
          error: Type.Optional(Type.String()),
          message: Type.Optional(Type.String()),
        }),
      ),
    }),
  },
  problems: [
    'LOG_BEHIND_ANCHOR',
    'CLOCK_UNSURE',
    'IDEMPOTENCY_CONFLICT',
    'PLAN_UPGRADE_REQUIRED',
    'INSUFFICIENT_CREDITS',
  ],
})

/** The proof of one verified delta (product.md §5). */
export const DeltaProof = Type.Object({
  proofHash: Hash,
  contentHash: Hash,
  previousProofHash: Hash,
  itemHash: Hash,
  /** A whole C2SP tlog-proof file; verify it offline with the log's public key. */
  tlogProof: Type.String(),
  /** The C2SP verifier key of the tenant's log. */
  publicKey: Type.String(),
})

export const LogCheckpointRef = Type.Object({ size: Type.Integer(), root: Hash })

export const getDelta = defineEndpoint({
  id: 'getDelta',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/balance/delta/:recordId',
  auth: { kind: 'apiKey', permission: 'balance:read' },
  summary: 'One delta with its present status and, once verified, its proof.',
  params: Strict({ recordId: Text({ minLength: 1, maxLength: 128 }) }),
  success: {
    status: 200,
    data: Type.Object({
      ...emitted,
      adjustedBy: Type.Array(IdOf('rec')),
      verifiedAt: Nullable(Instant),
      logCheckpoint: Nullable(LogCheckpointRef),
      anchors: Type.Array(Type.Object({ level: Type.String(), time: Instant })),
      proof: Nullable(DeltaProof),
    }),
  },
  problems: ['NOT_FOUND'],
})

/** The query fields that cut a history by time (product.md §3 "Derive"). */
export const scopeFields = {
  period: Type.Optional(Type.String({ pattern: '^\\d{4}-(0[1-9]|1[0-2])$' })),
  timePreset: Type.Optional(Type.Union([Type.Literal('current_month'), Type.Literal('custom')])),
  startDate: Type.Optional(Instant),
  endDate: Type.Optional(Instant),
}

export const startingFields = {
  startingBalance: Type.Optional(BalanceAmount),
  startingCheckpoint: Type.Optional(Text({ minLength: 1, maxLength: 128 })),
  startingCheckpointType: Type.Optional(
    Type.Union([
      Type.Literal('itemsRoot'),
      Type.Literal('anchorId'),
      Type.Literal('proofRoot'),
      Type.Literal('recordId'),
    ]),
  ),
}

/** A delta as lists and receipts show it. */
export const ListedDelta = Type.Object({
  anchorId: AnchorId,
  recordId: IdOf('rec'),
  sequenceNumber: Type.Integer(),
  itemHash: Hash,
  itemsRoot: Hash,
  receiptId: Hash,
  delta: DeltaAmount,
  reason: Type.String(),
  referenceId: Nullable(Type.String()),
  window: Type.String(),
  status: DeltaStatus,
  createdAt: Instant,
})

export const OffsetPagination = Type.Object({
  total: Type.Integer(),
  limit: Type.Integer(),
  offset: Type.Integer(),
  hasMore: Type.Boolean(),
})

export const deriveBalance = defineEndpoint({
  id: 'deriveBalance',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/balance/derive/:customerId',
  auth: { kind: 'apiKey', permission: 'balance:read' },
  summary: 'The exact balance of a customer from its verified deltas, after a checkpoint or in a scope.',
  params: Strict({ customerId: CustomerId }),
  query: Strict({
    ...startingFields,
    ...scopeFields,
    limit: Type.Optional(Whole({ minimum: 1, maximum: 1_000, default: 100 })),
    offset: Type.Optional(Whole({ minimum: 0, maximum: 2 ** 40, default: 0 })),
    at: Type.Optional(Instant),
    includePending: Type.Optional(Type.Boolean({ default: false })),
  }),
  success: {
    status: 200,
    data: Type.Object({
      customerId: Type.String(),
      startingBalance: BalanceAmount,
      computedBalance: BalanceAmount,
      deltasCount: Type.Integer(),
      deltaCount: Type.Integer(),
      latestReceiptId: Nullable(Hash),
      latestAnchorId: Nullable(AnchorId),
      pendingCount: Type.Integer(),
      deltas: Type.Array(ListedDelta),
      pagination: OffsetPagination,
    }),
  },
  problems: ['INVALID_SCOPE_COMBINATION', 'CUSTOMER_NOT_FOUND', 'NOT_FOUND'],
})

/** A customer as lists show it; totals of what is verified. */
export const ListedCustomer = Type.Object({
  customerId: Type.String(),
  /** Null for a customer that exists since its first delta: nobody named it. */
  displayName: Nullable(Type.String()),
  ledgerIdentifier: Type.String(),
  customerReference: Type.String(),
  totalDeltas: Type.Integer(),
  computedBalance: BalanceAmount,
  firstDeltaAt: Nullable(Instant),
  lastDeltaAt: Nullable(Instant),
})

export const PagePagination = Type.Object({
  total: Type.Integer(),
  page: Type.Integer(),
  limit: Type.Integer(),
  totalPages: Type.Integer(),
})

export const listCustomers = defineEndpoint({
  id: 'listCustomers',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/balance/customers',
  auth: { kind: 'apiKey', permission: 'balance:read' },
  summary: 'Customers with their verified balances, by page.',
  query: Strict({
    page: Type.Optional(Whole({ minimum: 1, maximum: 1_000_000, default: 1 })),
    limit: Type.Optional(Whole({ minimum: 1, maximum: 100, default: 25 })),
    search: Type.Optional(Text({ maxLength: 128 })),
  }),
  success: {
    status: 200,
    data: Type.Object({
      customers: Type.Array(ListedCustomer),
      pagination: PagePagination,
    }),
  },
  problems: [],
})
