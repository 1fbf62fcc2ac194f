import { defineEndpoint } from '../endpoint.ts'
import {
  BalanceAmount,
  CustomerId,
  Hash,
  Instant,
  Metadata,
  Nullable,
  Strict,
  Text,
  Whole,
} from '../field.ts'
import { Type } from '../schema.ts'
import { DeltaStatus, OffsetPagination, scopeFields } from './ledger.ts'

/** Stored with the checkpoint and returned: how and over what the caller took it. */
const Fingerprints = Type.Union([
  Type.Array(Text({ minLength: 1, maxLength: 256 }), { maxItems: 64 }),
  Metadata,
])

const CheckpointId = Type.Unsafe<`chk_${string}`>({ type: 'string', pattern: '^chk_[0-9a-z]{42}$' })

export const Checkpoint = Type.Object({
  checkpointId: CheckpointId,
  status: DeltaStatus,
  /** `YYYY-MM`; null for a checkpoint over dates. */
  period: Nullable(Type.String()),
  startDate: Nullable(Instant),
  endDate: Nullable(Instant),
  /** True where no delta can fall into its scope any more. */
  closed: Type.Boolean(),
  /** Null for a checkpoint of all customers. */
  customerId: Nullable(Type.String()),
  /** The figures of all customers are sums; null until they are computed. */
  deltasCount: Nullable(Type.Integer()),
  startingBalance: Nullable(BalanceAmount),
  netChange: Nullable(BalanceAmount),
  endingBalance: Nullable(BalanceAmount),
  merkleRoot: Nullable(Hash),
  /** The same as `merkleRoot`. */
  proofRoot: Nullable(Hash),
  mode: Nullable(Type.String()),
  fingerprints: Nullable(Fingerprints),
  createdAt: Instant,
})

export const takeCheckpoint = defineEndpoint({
  id: 'takeCheckpoint',
  surface: 'balance',
  method: 'POST',
  path: '/api/v1/balance/checkpoint',
  auth: { kind: 'apiKey', permission: 'balance:write' },
  summary:
    'Lock a period of a customer, or of all of them, with a proof root. A finished month is closed once.',
  body: Strict({
    customerId: Type.Optional(CustomerId),
    ...scopeFields,
    mode: Type.Optional(Text({ minLength: 1, maxLength: 64 })),
    fingerprints: Type.Optional(Fingerprints),
  }),
  idempotent: true,
  success: { status: 201, data: Checkpoint },
  problems: [
    'INVALID_SCOPE_COMBINATION',
    'LOG_BEHIND_ANCHOR',
    'CLOCK_UNSURE',
    'IDEMPOTENCY_CONFLICT',
    'PLAN_UPGRADE_REQUIRED',
    'CUSTOMER_NOT_FOUND',
  ],
})

export const listCheckpoints = defineEndpoint({
  id: 'listCheckpoints',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/balance/checkpoints',
  auth: { kind: 'apiKey', permission: 'balance:read' },
  summary: 'Checkpoints, newest first: of one customer, or all; a scope gives those that lie within it.',
  query: Strict({
    customerId: Type.Optional(CustomerId),
    ...scopeFields,
    limit: Type.Optional(Whole({ minimum: 1, maximum: 1_000, default: 100 })),
    offset: Type.Optional(Whole({ minimum: 0, maximum: 2 ** 40, default: 0 })),
  }),
  success: {
    status: 200,
    data: Type.Object({ checkpoints: Type.Array(Checkpoint), pagination: OffsetPagination }),
  },
  problems: ['INVALID_SCOPE_COMBINATION', 'CUSTOMER_NOT_FOUND'],
})
