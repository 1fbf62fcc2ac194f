import { defineEndpoint } from '../endpoint.ts'
import {
  BalanceAmount,
  CustomerId,
  DeltaAmount,
  Hash,
  IdOf,
  Instant,
  Nullable,
  PeriodText,
  Strict,
  Whole,
} from '../field.ts'
import { Type } from '../schema.ts'
import { DeltaStatus, ListedCustomer, LogCheckpointRef, PagePagination } from './ledger.ts'

export const getCustomer = defineEndpoint({
  id: 'getCustomer',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/balance/customers/:customerId',
  auth: { kind: 'apiKey', permission: 'balance:read' },
  summary: 'One customer with its verified balance, its newest checkpoint and its newest deltas.',
  params: Strict({ customerId: CustomerId }),
  query: Strict({
    deltaPage: Type.Optional(Whole({ minimum: 1, maximum: 100_000_000, default: 1 })),
    deltaLimit: Type.Optional(Whole({ minimum: 1, maximum: 100, default: 20 })),
    period: Type.Optional(PeriodText),
  }),
  success: {
    status: 200,
    data: Type.Object({
      ...ListedCustomer.properties,
      sharingStateHint: Nullable(Type.String()),
      eventCadence: Nullable(Type.String()),
      unitLabel: Nullable(Type.String()),
      latestCheckpoint: Nullable(IdOf('chk')),
      recentActivity: Type.Object({
        /** Newest first, pending ones included. */
        items: Type.Array(
          Type.Object({
            delta: DeltaAmount,
            reason: Type.String(),
            referenceId: Nullable(Type.String()),
            status: DeltaStatus,
            time: Instant,
            recordId: IdOf('rec'),
            /** Its itemsRoot. */
            verificationReference: Hash,
          }),
        ),
        pagination: PagePagination,
      }),
    }),
  },
  problems: ['CUSTOMER_NOT_FOUND'],
})

export const getCustomersSummary = defineEndpoint({
  id: 'getCustomersSummary',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/balance/customers/summary',
  auth: { kind: 'apiKey', permission: 'balance:read' },
  summary: 'All customers together: counts, totals, and how verification stands.',
  success: {
    status: 200,
    data: Type.Object({
      totalCustomers: Type.Integer(),
      totalDeltas: Type.Integer(),
      verifiedDeltas: Type.Integer(),
      pendingDeltas: Type.Integer(),
      failedDeltas: Type.Integer(),
      /** Sum of all verified balances. */
      totalBalance: BalanceAmount,
      lastDeltaAt: Nullable(Instant),
      /** `healthy`: nothing was found wrong. `failed`: a stored delta was found damaged. `blocked`: the log is behind its anchor. */
      verificationHealth: Type.Union([
        Type.Literal('healthy'),
        Type.Literal('failed'),
        Type.Literal('blocked'),
      ]),
      lastVerifiedAt: Nullable(Instant),
      logCheckpoint: Nullable(LogCheckpointRef),
    }),
  },
  problems: [],
})

/** Sequence numbers that one call looks at. */
export const GAP_RANGE_MAX = 100_000

export const getGaps = defineEndpoint({
  id: 'getGaps',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/balance/gaps/:customerId',
  auth: { kind: 'apiKey', permission: 'balance:read' },
  summary: 'Sequence numbers that are missing in the ledger of a customer: always none in a healthy one.',
  params: Strict({ customerId: CustomerId }),
  query: Strict({
    fromSequence: Type.Optional(Whole({ minimum: 1, maximum: 2 ** 31 - 2, default: 1 })),
    toSequence: Type.Optional(Whole({ minimum: 1, maximum: 2 ** 31 - 2 })),
    limit: Type.Optional(Whole({ minimum: 1, maximum: 1_000, default: 100 })),
  }),
  success: {
    status: 200,
    data: Type.Object({
      customerId: Type.String(),
      fromSequence: Type.Integer(),
      /** The last one looked at: of the ledger, or fewer where the range is longer than 100,000 or more is missing than `limit`. */
      toSequence: Type.Integer(),
      lastSequence: Type.Integer(),
      gaps: Type.Array(Type.Integer()),
      hasMore: Type.Boolean({ description: 'True where the range goes on after toSequence' }),
    }),
  },
  problems: ['CUSTOMER_NOT_FOUND'],
})

export const getLimits = defineEndpoint({
  id: 'getLimits',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/balance/limits',
  auth: { kind: 'apiKey', permission: 'balance:read' },
  summary: 'How far scopes may reach, and how long data is kept.',
  success: {
    status: 200,
    data: Type.Object({
      maxScopeMonths: Type.Integer(),
      maxLastNDays: Type.Integer(),
      maxRetentionDays: Type.Integer({
        description: 'Data is kept for good: as far as times can be written',
      }),
    }),
  },
  problems: [],
})
