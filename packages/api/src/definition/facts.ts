import { defineEndpoint } from '../endpoint.ts'
import { Hash, Instant, Metadata, Nullable, Strict, Text } from '../field.ts'
import { Type } from '../schema.ts'
import { LogCheckpointRef } from './ledger.ts'

/** Largest content of a fact, in bytes of UTF-8. */
export const FACT_CONTENT_BYTES_MAX = 64 * 1024

/** Name of a fact: SHA-256 of its content alone. */
const FactContentHash = Type.Unsafe<`sha256_${string}`>({ type: 'string', pattern: '^sha256_[0-9a-f]{64}$' })

export const acceptFact = defineEndpoint({
  id: 'acceptFact',
  surface: 'balance',
  method: 'POST',
  path: '/api/v1/facts',
  auth: { kind: 'apiKey', permission: 'balance:write' },
  summary:
    'Keep a text in the log, named by its hash. The same content again is the same fact. Counts as one delta.',
  body: Strict({
    // The bytes are counted by the handler; a text has at least as many bytes as UTF-16 code units.
    content: Text({
      minLength: 1,
      maxLength: FACT_CONTENT_BYTES_MAX,
      description: 'At most 64 KiB of UTF-8',
    }),
    metadata: Type.Optional(Metadata),
  }),
  idempotent: true,
  success: {
    status: 202,
    data: Type.Object({
      contentHash: FactContentHash,
      status: Type.Literal('queued'),
      message: Type.String(),
      createdAt: Instant,
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

/** Not checked further, so that what is no hash is not found. */
const factParams = Strict({ contentHash: Text({ minLength: 1, maxLength: 128 }) })

export const getFact = defineEndpoint({
  id: 'getFact',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/facts/:contentHash',
  auth: { kind: 'apiKey', permission: 'balance:read' },
  summary: 'One fact by the hash of its content.',
  params: factParams,
  success: {
    status: 200,
    data: Type.Object({
      contentHash: FactContentHash,
      content: Type.String(),
      metadata: Nullable(Metadata),
      verified: Type.Boolean(),
      verifiedAt: Nullable(Instant),
      createdAt: Instant,
    }),
  },
  problems: ['NOT_FOUND'],
})

export const verifyFact = defineEndpoint({
  id: 'verifyFact',
  surface: 'balance',
  method: 'GET',
  path: '/api/v1/facts/:contentHash/verify',
  auth: { kind: 'apiKey', permission: 'balance:read' },
  summary:
    'Verify a fact anew, from its stored content to the signed head of the log, and get its offline proof.',
  params: factParams,
  success: {
    status: 200,
    data: Type.Object({
      contentHash: FactContentHash,
      verified: Type.Boolean(),
      verifiedAt: Nullable(Instant),
      createdAt: Instant,
      /** What was found wrong with the stored fact; empty for one that is only not verified yet. */
      discrepancies: Type.Array(Type.String()),
      logCheckpoint: Nullable(LogCheckpointRef),
      anchors: Type.Array(Type.Object({ level: Type.String(), time: Instant })),
      proof: Nullable(
        Type.Object({
          /** The leaf of the log: SHA-256(0x00 ‖ entry). */
          leafHash: Hash,
          /** A whole C2SP tlog-proof file; verify it offline with the log's public key. */
          tlogProof: Type.String(),
          /** The C2SP verifier key of the tenant's log. */
          publicKey: Type.String(),
        }),
      ),
    }),
  },
  problems: ['NOT_FOUND'],
})
