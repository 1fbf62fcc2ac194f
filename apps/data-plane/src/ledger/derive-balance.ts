import { type Amount, addAmounts, amountOfNumeric, subtractAmounts, ZERO } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/ledger'
import type { EndpointInput } from '@pacspace/api/endpoint'
import { Problem } from '@pacspace/api/problem'
import { epochMsOf } from '@pacspace/api/timestamp'
import { equalBytes } from '@pacspace/proofs/bytes'
import { hashFromHex, isHashHex, toHex } from '@pacspace/proofs/hex'
import { type Db, transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { deltaOfRow } from './delta.ts'
import { listedDelta, statusOf } from './delta-answer.ts'
import {
  type CustomerState,
  selectCustomerDeltas,
  selectCustomerState,
  selectDelta,
  selectEnd,
  selectFirstSeqAt,
  selectLogState,
  selectSeqOfRoot,
} from './read.sql.ts'
import { parseRecordId } from './record-id.ts'
import { type Scope, scopeOf } from './scope.ts'

type Query = EndpointInput<typeof api.deriveBalance>['query']

/**
 * The exact balance of a customer: the starting balance and all verified deltas in scope (product.md §3 "Derive"). Every
 * row carries the running balance, so the sum over any stretch is one difference of two rows, and the cost does not grow
 * with the history. Head, verified size and page come from one snapshot.
 */
export const deriveBalance = implement(api.deriveBalance, async ({ principal, input }, { db, clock }) => {
  const { query } = input
  const { customerId } = input.params
  const scope = scopeOf(query, clock.now())
  const tenantNo = principal.tenantNo
  const read = async (tx: Db) => {
    const [log, customer] = await Promise.all([
      selectLogState(tx, tenantNo),
      selectCustomerState(tx, tenantNo, customerId),
    ])
    if (log === undefined || customer === undefined) throw new Problem('CUSTOMER_NOT_FOUND')
    const { fromSeq, toSeq } = await stretchOf(tx, tenantNo, customer, query, scope)
    const { limit = 100, offset = 0 } = query
    const [before, after, rows] = await Promise.all([
      endAt(tx, tenantNo, customer.customer_no, fromSeq - 1),
      endAt(tx, tenantNo, customer.customer_no, toSeq),
      offset > toSeq - fromSeq
        ? []
        : selectCustomerDeltas(
            tx,
            tenantNo,
            customer.customer_no,
            fromSeq + offset,
            Math.min(toSeq, fromSeq + offset + limit - 1),
          ),
    ])
    const startingBalance = query.startingBalance ?? ZERO
    const total = Math.max(0, toSeq - fromSeq + 1)
    return {
      customerId,
      startingBalance,
      computedBalance: addAmounts(startingBalance, subtractAmounts(after.balance, before.balance)),
      deltasCount: total,
      deltaCount: total,
      latestReceiptId: after.itemsRoot === null ? null : toHex(after.itemsRoot),
      latestAnchorId: after.logIndex === null ? null : (`a_${after.logIndex}` as const),
      pendingCount: customer.last_seq - customer.verified_seq,
      deltas: rows.map((row) => listedDelta(deltaOfRow(row), statusOf(row.log_index, log))),
      pagination: { total, limit, offset, hasMore: offset + rows.length < total },
    }
  }
  return transaction(db, read, { isolation: 'repeatable read', readOnly: true })
})

/** The sequence numbers in scope, both ends included; empty when `fromSeq` is past `toSeq`. */
async function stretchOf(
  tx: Db,
  tenantNo: number,
  customer: CustomerState,
  query: Query,
  scope: Scope,
): Promise<{ fromSeq: number; toSeq: number }> {
  const lastSeq = query.includePending ? customer.last_seq : customer.verified_seq
  const seqAt = (epochMs: number) => selectFirstSeqAt(tx, tenantNo, customer.customer_no, lastSeq, epochMs)
  let fromSeq = 1
  let toSeq = lastSeq
  if (query.startingCheckpoint !== undefined) {
    fromSeq =
      (await seqOfCheckpoint(
        tx,
        tenantNo,
        customer,
        query.startingCheckpoint,
        query.startingCheckpointType,
      )) + 1
  }
  if (scope.start !== null) fromSeq = await seqAt(epochMsOf(scope.start))
  if (scope.end !== null) toSeq = (await seqAt(epochMsOf(scope.end))) - 1
  // Created at that very instant counts: the balance "at" a time is the one after everything up to it.
  if (query.at !== undefined) toSeq = (await seqAt(epochMsOf(query.at) + 1)) - 1
  return { fromSeq, toSeq: Math.max(toSeq, fromSeq - 1) }
}

/** The sequence number that a checkpoint names, by its prefix where no type is given. Raises NOT_FOUND. */
async function seqOfCheckpoint(
  tx: Db,
  tenantNo: number,
  customer: CustomerState,
  checkpoint: string,
  type: Query['startingCheckpointType'],
): Promise<number> {
  let seq: number | undefined
  switch (type ?? typeByPrefix(checkpoint)) {
    case 'itemsRoot':
    case 'proofRoot':
      if (isHashHex(checkpoint)) {
        seq = await selectSeqOfRoot(tx, tenantNo, customer.customer_no, hashFromHex(checkpoint))
      }
      break
    case 'anchorId': {
      const index = /^a_(0|[1-9][0-9]{0,14})$/.exec(checkpoint)?.[1]
      const row = index === undefined ? undefined : await selectDelta(tx, tenantNo, Number(index))
      if (row?.customer_no === customer.customer_no) seq = row.seq
      break
    }
    case 'recordId': {
      const address = parseRecordId(checkpoint)
      const row = address === undefined ? undefined : await selectDelta(tx, tenantNo, address.logIndex)
      const isIt = row !== undefined && address !== undefined && equalBytes(row.record_nonce, address.nonce)
      if (isIt && row.customer_no === customer.customer_no) seq = row.seq
      break
    }
    case undefined:
      break
  }
  if (seq === undefined) throw new Problem('NOT_FOUND', { message: 'Unknown starting checkpoint' })
  return seq
}

function typeByPrefix(checkpoint: string): Query['startingCheckpointType'] {
  if (checkpoint.startsWith('0x')) return 'itemsRoot'
  if (checkpoint.startsWith('a_')) return 'anchorId'
  if (checkpoint.startsWith('rec_')) return 'recordId'
  return undefined
}

interface End {
  readonly balance: Amount
  readonly itemsRoot: Uint8Array | null
  readonly logIndex: number | null
}

/** Balance, root and log index after `seq` deltas of a customer; nothing before the first. */
async function endAt(tx: Db, tenantNo: number, customerNo: number, seq: number): Promise<End> {
  if (seq === 0) return { balance: ZERO, itemsRoot: null, logIndex: null }
  const row = await selectEnd(tx, tenantNo, customerNo, seq)
  if (row === undefined) throw new Error(`no delta ${seq} of customer ${customerNo} of tenant ${tenantNo}`)
  return { balance: amountOfNumeric(row.balance), itemsRoot: row.items_root, logIndex: row.log_index }
}
