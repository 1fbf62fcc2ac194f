import { defineEndpoint } from '../endpoint.ts'
import {
  BalanceAmount,
  CustomerId,
  DeltaAmount,
  Instant,
  Metadata,
  Nullable,
  Strict,
  Text,
} from '../field.ts'
import { Type } from '../schema.ts'

/** Items that one request may carry. */
export const WRITE_ITEMS_MAX = 1_000

/** Name of a bucket; belongs to the account of its first write. */
const Key = Text({ minLength: 1, maxLength: 255, description: 'Your key: 1–255 characters' })

/** One write: a delta of customer `accountId`, reason `write`, whose reference is the key. `bits` is a whole number. */
export const WriteItem = Strict({
  key: Key,
  accountId: CustomerId,
  bits: DeltaAmount,
  metadata: Type.Optional(Metadata),
})

export const acceptWrites = defineEndpoint({
  id: 'acceptWrites',
  surface: 'balance',
  method: 'POST',
  path: '/api/v1/writes',
  auth: { kind: 'apiKey', permission: 'balance:write' },
  summary:
    'Add bits to keys: up to 1,000 writes, all or nothing. Each is a delta of its account and counts as one.',
  // Validated by the handler, which words the refusal of an empty list as it was published.
  body: Strict({ items: Type.Optional(Type.Unknown()) }),
  bodyBytesMax: 20 * 1024 * 1024,
  idempotent: true,
  success: {
    status: 202,
    data: Type.Object({
      requestId: Type.String(),
      itemCount: Type.Integer(),
      status: Type.Literal('queued'),
      message: Type.String(),
    }),
  },
  problems: [
    'LOG_BEHIND_ANCHOR',
    'CLOCK_UNSURE',
    'IDEMPOTENCY_CONFLICT',
    'PLAN_UPGRADE_REQUIRED',
    'WRITE_KEY_TAKEN',
    'DELTA_VOID',
    'INSUFFICIENT_CREDITS',
  ],
})

export const readBucket = defineEndpoint({
  id: 'readBucket',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/reads/bucket/:key',
  auth: { kind: 'apiKey', permission: 'balance:read' },
  summary: 'The sum of the bits written under a key, pending ones included.',
  params: Strict({ key: Key }),
  success: {
    status: 200,
    data: Type.Object({
      key: Type.String(),
      accountId: Type.String(),
      currentBits: BalanceAmount,
      totalWrites: Type.Integer(),
      lastWriteAt: Instant,
      /** True where all of it is verified. */
      verified: Type.Boolean(),
      metadata: Nullable(Metadata),
    }),
  },
  problems: ['NOT_FOUND'],
})
