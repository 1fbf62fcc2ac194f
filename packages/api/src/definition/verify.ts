import { defineEndpoint } from '../endpoint.ts'
import { AnchorId, BalanceAmount, DeltaAmount, Instant, Nullable, Strict, Text } from '../field.ts'
import { Type } from '../schema.ts'
import { DeltaStatus, LogCheckpointRef } from './ledger.ts'

/** Records that one answer shows at most. */
export const VERIFY_RECORDS_MAX = 1_000

export const verifyRoot = defineEndpoint({
  id: 'verifyRoot',
  surface: 'public',
  method: 'GET',
  path: '/api/v1/verify/:proofRoot',
  auth: { kind: 'none' },
  summary:
    'Recompute everything that a proof root commits to, and say whether it holds. For whoever holds the root.',
  params: Strict({ proofRoot: Text({ minLength: 1, maxLength: 128 }) }),
  query: Strict({
    source: Type.Optional(
      Type.Union([Type.Literal('db'), Type.Literal('chain'), Type.Literal('both')], {
        default: 'db',
        description: 'Where to look: the database, the anchors, or both, which must agree',
      }),
    ),
  }),
  success: {
    status: 200,
    alsoText: true,
    data: Type.Object({
      verified: Type.Boolean(),
      proofRoot: Type.String(),
      source: Type.String(),
      /** Beside `verified: false`: what that means for you. */
      message: Nullable(Type.String()),
      /** When the last record was committed. */
      recordedAt: Nullable(Instant),
      summary: Nullable(
        Type.Object({
          recordCount: Type.Integer(),
          netChange: BalanceAmount,
          startingBalance: BalanceAmount,
          endingBalance: BalanceAmount,
          firstRecordAt: Nullable(Instant),
          lastRecordAt: Nullable(Instant),
        }),
      ),
      records: Type.Array(
        Type.Object({
          amount: DeltaAmount,
          reason: Type.String(),
          referenceId: Nullable(Type.String()),
          status: DeltaStatus,
          time: Instant,
        }),
      ),
      verification: Type.Object({
        /** Place of the entry that commits to the root, in the public log. */
        reference: Nullable(AnchorId),
        publicLedgerUrl: Nullable(Type.String()),
        /** The signed head under which it was recomputed. */
        logCheckpoint: Nullable(LogCheckpointRef),
        anchors: Type.Array(Type.Object({ level: Type.String(), time: Nullable(Instant) })),
        /** A C2SP tlog-proof file and the key to check it with. */
        proof: Nullable(Type.Object({ tlogProof: Type.String(), publicKey: Type.String() })),
      }),
      discrepancies: Type.Array(Type.String()),
    }),
  },
  problems: ['NOT_FOUND'],
})
