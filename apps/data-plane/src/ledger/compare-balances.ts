import { addAmounts, subtractAmounts, ZERO } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/compare'
import type { EndpointData, EndpointInput } from '@pacspace/api/endpoint'
import { Problem, validationProblem } from '@pacspace/api/problem'
import { hashFromHex, toHex } from '@pacspace/proofs/hex'
import { type Db, transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { type ComparedLedger, type ComparedList, compareList } from './compare-list.ts'
import { findCustomer } from './customer-state.ts'
import type { Difference, StatedDelta } from './match-deltas.ts'
import { type CustomerState, selectSeqOfRoot } from './read.sql.ts'
import { scopeOf } from './scope.ts'
import { endAt, lengthOf, type Stretch, stretchOf } from './stretch.ts'

type Body = EndpointInput<typeof api.compareBalances>['body']

/**
 * Who is right (product.md §3 "Compare"): both balances against the verified ledger, and where lists are given, every
 * delta in which they differ from it. Nothing is written. From one snapshot.
 */
export const compareBalances = implement(
  api.compareBalances,
  async ({ principal, input: { body } }, { db, clock }) => {
    const scope = scopeOf(body, clock.now())
    requireNames('/yourDeltas', body.yourDeltas)
    requireNames('/theirDeltas', body.theirDeltas)
    const { tenantNo } = principal
    const read = async (tx: Db) => {
      const customer = await findCustomer(tx, tenantNo, body.customerId)
      if (customer === undefined) throw new Problem('CUSTOMER_NOT_FOUND')
      const stretch = await stretchOf(tx, tenantNo, customer, body, scope)
      const customerNo = customer.customer_no
      const [before, after, lists, theirReceipt] = await Promise.all([
        endAt(tx, tenantNo, customerNo, stretch.fromSeq - 1),
        endAt(tx, tenantNo, customerNo, stretch.toSeq),
        compareLists(tx, { tenantNo, customerNo, stretch }, body),
        findReceipt(tx, tenantNo, customer, body.theirReceiptId),
      ])
      const startingBalance = body.startingBalance ?? ZERO
      const neutralBalance = addAmounts(startingBalance, subtractAmounts(after.balance, before.balance))
      return {
        customerId: body.customerId,
        startingBalance,
        neutralBalance,
        ...balancesAgainst(neutralBalance, body),
        deltasCount: lengthOf(stretch),
        latestReceiptId: after.itemsRoot === null ? null : toHex(after.itemsRoot),
        discrepancies: [...named('yours', lists.yours), ...named('theirs', lists.theirs)],
        discrepanciesCount: lists.yours.count + lists.theirs.count,
        divergence: earliest([
          lists.yours.divergence,
          lists.theirs.divergence,
          partingAfter(theirReceipt?.sequenceNumber, stretch),
        ]),
        theirReceipt,
      }
    }
    return transaction(db, read, { isolation: 'repeatable read', readOnly: true })
  },
)

function requireNames(path: string, list: readonly StatedDelta[] = []): void {
  for (const [i, { referenceId, recordId }] of list.entries()) {
    if ((referenceId === undefined) === (recordId === undefined))
      throw validationProblem(`${path}/${i}`, 'must have exactly one of referenceId and recordId')
  }
}

function balancesAgainst(
  neutralBalance: Body['yourBalance'],
  { yourBalance, theirBalance }: Pick<Body, 'yourBalance' | 'theirBalance'>,
) {
  const matchesYours = yourBalance === neutralBalance
  const matchesTheirs = theirBalance === neutralBalance
  return {
    yourBalance,
    theirBalance,
    matchesYours,
    matchesTheirs,
    yourDifference: subtractAmounts(yourBalance, neutralBalance),
    theirDifference: subtractAmounts(theirBalance, neutralBalance),
    verdict: verdictOf(matchesYours, matchesTheirs),
  }
}

function verdictOf(
  matchesYours: boolean,
  matchesTheirs: boolean,
): EndpointData<typeof api.compareBalances>['verdict'] {
  if (matchesYours) return matchesTheirs ? 'agreed' : 'theirs_differs'
  return matchesTheirs ? 'yours_differs' : 'both_differ'
}

const NO_LIST: ComparedList = { differences: [], count: 0, divergence: null }

async function compareLists(tx: Db, ledger: ComparedLedger, { yourDeltas, theirDeltas }: Body) {
  const yours = yourDeltas === undefined ? NO_LIST : await compareList(tx, ledger, yourDeltas, '/yourDeltas')
  const theirs =
    theirDeltas === undefined ? NO_LIST : await compareList(tx, ledger, theirDeltas, '/theirDeltas')
  return { yours, theirs }
}

async function findReceipt(
  tx: Db,
  tenantNo: number,
  customer: CustomerState,
  receiptId: Body['theirReceiptId'],
) {
  if (receiptId === undefined) return null
  const seq = await selectSeqOfRoot(tx, tenantNo, customer.customer_no, hashFromHex(receiptId))
  return { known: seq !== undefined, sequenceNumber: seq ?? null }
}

/** A known root names one exact history: theirs ends with it, and what follows here they do not have. */
function partingAfter(sequenceNumber: number | null | undefined, { toSeq }: Stretch): number | null {
  return typeof sequenceNumber === 'number' && sequenceNumber < toSeq ? sequenceNumber + 1 : null
}

function earliest(divergences: readonly (number | null)[]): number | null {
  const known = divergences.filter((one) => one !== null)
  return known.length === 0 ? null : Math.min(...known)
}

function named(side: 'yours' | 'theirs', { differences }: ComparedList) {
  return differences.map(({ kind, ledger, stated }: Difference) => ({
    kind,
    side,
    referenceId: ledger?.referenceId ?? stated?.referenceId ?? null,
    recordId: ledger?.recordId ?? stated?.recordId ?? null,
    sequenceNumber: ledger?.sequenceNumber ?? null,
    neutralAmount: kind === 'duplicate' ? null : (ledger?.amount ?? null),
    statedAmount: stated?.delta ?? null,
    time: ledger?.createdAt ?? null,
  }))
}
