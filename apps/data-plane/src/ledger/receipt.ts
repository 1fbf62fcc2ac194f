import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Amount, amountOfNumeric, subtractAmounts, ZERO } from '@pacspace/api/amount'
import type { DeltaProof } from '@pacspace/api/definition/ledger'
import { Problem } from '@pacspace/api/problem'
import type { Hex } from '@pacspace/proofs/hex'
import { toHex } from '@pacspace/proofs/hex'
import { formatVerifierKey, verifierKey } from '@pacspace/proofs/verifier-key'
import type { Db } from '@pacspace/service/postgres'
import type { Static } from 'typebox'
import { type FoundCheckpoint, selectClosingCheckpoint } from '../checkpoints/front-door.ts'
import { buildDeltaProof } from '../proofs/front-door.ts'
import { findCustomer } from './customer-state.ts'
import { deltaOfRow } from './delta.ts'
import { listedDelta, statusOf } from './delta-answer.ts'
import { type LogState, selectCustomerDeltas, selectLogState } from './read.sql.ts'
import { selectMonths, selectSums } from './receipt.sql.ts'
import type { Scope } from './scope.ts'
import { endAt, lengthOf, type Stretch, stretchOf } from './stretch.ts'

/** Deltas hashed without letting other requests in between. */
const DELTAS_A_TURN = 500

/** A customer's ledger and the verified part of it that a receipt is about. */
export interface ReceiptLedger {
  readonly tenantNo: number
  readonly customerNo: number
  readonly log: LogState
  readonly stretch: Stretch
}

/** Finds the verified deltas in a scope. Raises CUSTOMER_NOT_FOUND. */
export async function findReceiptLedger(
  tx: Db,
  tenantNo: number,
  customerId: string,
  scope: Scope,
): Promise<ReceiptLedger> {
  const [log, customer] = await Promise.all([
    selectLogState(tx, tenantNo),
    findCustomer(tx, tenantNo, customerId),
  ])
  if (log === undefined || customer === undefined) throw new Problem('CUSTOMER_NOT_FOUND')
  const stretch = await stretchOf(tx, tenantNo, customer, {}, scope)
  return { tenantNo, customerNo: customer.customer_no, log, stretch }
}

/** What a receipt says of the whole of its scope, whatever page is shown. The cost follows the months, not the deltas. */
export async function readTotals(
  tx: Db,
  { tenantNo, customerNo, log, stretch }: ReceiptLedger,
  period: string | null,
) {
  const [before, after, windowSummaries, closing] = await Promise.all([
    endAt(tx, tenantNo, customerNo, stretch.fromSeq - 1),
    endAt(tx, tenantNo, customerNo, stretch.toSeq),
    readWindows(tx, tenantNo, customerNo, stretch),
    period === null ? undefined : selectClosingCheckpoint(tx, tenantNo, customerNo, period),
  ])
  const itemsRoot: Hex | null = after.itemsRoot === null ? null : toHex(after.itemsRoot)
  return {
    count: lengthOf(stretch),
    startingBalance: before.balance,
    finalBalance: after.balance,
    itemsRoot,
    proofRoot: verifiedRootOf(closing, log) ?? itemsRoot,
    windowSummaries,
  }
}

/** The root of the checkpoint that locked the period, once it is verified: nobody could verify it before. */
function verifiedRootOf(closing: FoundCheckpoint | undefined, { verified_size }: LogState): Hex | undefined {
  if (closing?.log_index == null || closing.proof_root === null) return undefined
  return closing.log_index < verified_size ? toHex(closing.proof_root) : undefined
}

async function readWindows(tx: Db, tenantNo: number, customerNo: number, stretch: Stretch) {
  const months = await selectMonths(tx, tenantNo, customerNo, stretch)
  const ends = [stretch.fromSeq - 1, ...months.map((month) => month.last_seq)].filter((seq) => seq > 0)
  const sumsAt = new Map<number, { readonly balance: Amount; readonly credits: Amount }>([
    [0, { balance: ZERO, credits: ZERO }],
  ])
  for (const { seq, balance, credits } of await selectSums(tx, tenantNo, customerNo, ends)) {
    if (credits === null)
      throw new Error(`no total before delta ${seq} of customer ${customerNo} of ${tenantNo}`)
    sumsAt.set(seq, { balance: amountOfNumeric(balance), credits: amountOfNumeric(credits) })
  }
  const at = (seq: number) => {
    const sums = sumsAt.get(seq)
    if (sums === undefined) throw new Error(`no delta ${seq} of customer ${customerNo} of tenant ${tenantNo}`)
    return sums
  }
  return months.map(({ period, first_seq: firstSeq, last_seq: lastSeq }) => {
    const [before, after] = [at(firstSeq - 1), at(lastSeq)]
    const totalCredits = subtractAmounts(after.credits, before.credits)
    const netChange = subtractAmounts(after.balance, before.balance)
    return {
      period,
      totalCredits,
      totalDebits: subtractAmounts(totalCredits, netChange),
      netChange,
      deltasCount: lastSeq - firstSeq + 1,
    }
  })
}

/** A page of a receipt's deltas, in ledger order. Hashed in turns: 10,000 at once would keep everybody else waiting. */
export async function readPage(tx: Db, ledger: ReceiptLedger, offset: number, limit: number) {
  const { tenantNo, customerNo, log, stretch } = ledger
  const total = lengthOf(stretch)
  const firstSeq = stretch.fromSeq + offset
  const lastSeq = Math.min(stretch.toSeq, firstSeq + limit - 1)
  const rows = offset < total ? await selectCustomerDeltas(tx, tenantNo, customerNo, firstSeq, lastSeq) : []
  const deltas: ReturnType<typeof listedDelta>[] = []
  for (const row of rows) {
    deltas.push(listedDelta(deltaOfRow(row), statusOf(row.log_index, log)))
    if (deltas.length % DELTAS_A_TURN === 0) await nextTurn()
  }
  return { deltas, pagination: { total, limit, offset, hasMore: offset + rows.length < total } }
}

/** The proof of the last delta in scope, whose record states the final balance; null where there is none. */
export async function readProof(tx: Db, ledger: ReceiptLedger): Promise<Static<typeof DeltaProof> | null> {
  const { tenantNo, customerNo, log, stretch } = ledger
  if (lengthOf(stretch) === 0) return null
  const [row] = await selectCustomerDeltas(tx, tenantNo, customerNo, stretch.toSeq, stretch.toSeq)
  if (row === undefined) throw new Error(`no delta ${stretch.toSeq} of customer ${customerNo} of ${tenantNo}`)
  const delta = deltaOfRow(row)
  const proof = await buildDeltaProof(tx, tenantNo, log, delta)
  return {
    proofHash: toHex(delta.itemsRoot),
    contentHash: delta.contentHash,
    previousProofHash: delta.previousProofHash,
    itemHash: toHex(delta.itemHash),
    tlogProof: proof.text,
    publicKey: proof.publicKey,
  }
}

/** The C2SP verifier key of a log. */
export function publicKeyOf(log: LogState): string {
  return formatVerifierKey(verifierKey(log.origin, log.public_key))
}
