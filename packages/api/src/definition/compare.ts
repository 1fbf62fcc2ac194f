import { defineEndpoint } from '../endpoint.ts'
import {
  BalanceAmount,
  CustomerId,
  DeltaAmount,
  Hash,
  Instant,
  Nullable,
  ReferenceId,
  Strict,
  Text,
} from '../field.ts'
import { Type } from '../schema.ts'
import { scopeFields, startingFields } from './ledger.ts'

/** Deltas that each list of a comparison may hold. */
export const COMPARED_DELTAS_MAX = 10_000
/** Discrepancies that are named of each side; the others are counted. */
export const NAMED_DISCREPANCIES_MAX = 5_000

/** A delta as one side has it in its books. Named by exactly one of the two; the handler says so, to be able to name the item. */
const StatedDelta = Strict({
  referenceId: Type.Optional(ReferenceId),
  recordId: Type.Optional(Text({ minLength: 1, maxLength: 128 })),
  delta: DeltaAmount,
})

const StatedDeltas = Type.Array(StatedDelta, { maxItems: COMPARED_DELTAS_MAX })

const Side = Type.Union([Type.Literal('yours'), Type.Literal('theirs')])

export const Discrepancy = Type.Object({
  /** `missing`: in the ledger, not in the list. `extra`: the reverse. `changed`: in both, with another amount. `duplicate`: in the list once more than in the ledger. */
  kind: Type.Union([
    Type.Literal('missing'),
    Type.Literal('extra'),
    Type.Literal('changed'),
    Type.Literal('duplicate'),
  ]),
  side: Side,
  referenceId: Nullable(Type.String()),
  recordId: Nullable(Type.String()),
  /** Of the ledger's delta; null where it has none. */
  sequenceNumber: Nullable(Type.Integer()),
  /** In the ledger; null where it has none, and for a duplicate, which it has once too few. */
  neutralAmount: Nullable(DeltaAmount),
  /** In the list; null where it has none. */
  statedAmount: Nullable(DeltaAmount),
  /** When the ledger's delta was accepted. */
  time: Nullable(Instant),
})

export const compareBalances = defineEndpoint({
  id: 'compareBalances',
  surface: 'balance',
  method: 'POST',
  path: '/api/v1/balance/compare',
  auth: { kind: 'apiKey', permission: 'balance:read' },
  summary:
    'Compare what both sides believe with the verified ledger, and name the deltas in which their lists differ from it.',
  body: Strict({
    customerId: CustomerId,
    yourBalance: BalanceAmount,
    theirBalance: BalanceAmount,
    ...startingFields,
    ...scopeFields,
    at: Type.Optional(Instant),
    yourDeltas: Type.Optional(StatedDeltas),
    theirDeltas: Type.Optional(StatedDeltas),
    theirReceiptId: Type.Optional(Hash),
  }),
  success: {
    status: 201,
    data: Type.Object({
      customerId: Type.String(),
      startingBalance: BalanceAmount,
      neutralBalance: BalanceAmount,
      yourBalance: BalanceAmount,
      theirBalance: BalanceAmount,
      matchesYours: Type.Boolean(),
      matchesTheirs: Type.Boolean(),
      /** Yours less the neutral one. */
      yourDifference: BalanceAmount,
      theirDifference: BalanceAmount,
      verdict: Type.Union([
        Type.Literal('agreed'),
        Type.Literal('yours_differs'),
        Type.Literal('theirs_differs'),
        Type.Literal('both_differ'),
      ]),
      deltasCount: Type.Integer(),
      latestReceiptId: Nullable(Hash),
      /** Of each side the first 5,000: those with a sequence number in its order, then the others in the order of the list. */
      discrepancies: Type.Array(Discrepancy),
      /** How many there are, named or not. */
      discrepanciesCount: Type.Integer(),
      /** First sequence number at which a given list or receipt parts from the ledger; null where none does. */
      divergence: Nullable(Type.Integer()),
      /** What the ledger knows of `theirReceiptId`; null where none was sent. An unknown one says not where histories part. */
      theirReceipt: Nullable(
        Type.Object({ known: Type.Boolean(), sequenceNumber: Nullable(Type.Integer()) }),
      ),
    }),
  },
  problems: ['INVALID_SCOPE_COMBINATION', 'CUSTOMER_NOT_FOUND', 'NOT_FOUND'],
})
