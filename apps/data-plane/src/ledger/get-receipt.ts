import * as api from '@pacspace/api/definition/receipts'
import type { EndpointData, EndpointInput } from '@pacspace/api/endpoint'
import { Problem } from '@pacspace/api/problem'
import { periodOf, timestampOf } from '@pacspace/api/timestamp'
import { customerReference } from '@pacspace/proofs/customer-reference'
import type { Hex } from '@pacspace/proofs/hex'
import { prefersText } from '@pacspace/service/accept'
import { type Call, textAnswer } from '@pacspace/service/implement'
import { type Db, transaction } from '@pacspace/service/postgres'
import { type DataPlaneContext, implement } from '../context.ts'
import { findReceiptLedger, publicKeyOf, readPage, readProof, readTotals } from './receipt.ts'
import { scopeOf } from './scope.ts'

type Query = EndpointInput<typeof api.getReceipt>['query']
type ReceiptCall = Call<typeof api.getReceipt> | Call<typeof api.getInvoiceProof>
type ScopedReceipt = EndpointData<typeof api.getInvoiceProof>

/**
 * A customer's verified deltas with totals and proof (product.md §3 "Receipt"); as plain text the offline proof of the last
 * one. With a period or dates, the receipt of that scope.
 */
export const getReceipt = implement(api.getReceipt, async (call, context) => {
  const { period, timePreset, startDate, endDate } = call.input.query
  const isScoped = [period, timePreset, startDate, endDate].some((field) => field !== undefined)
  if (wantsText(call)) return textAnswer(await proofFile(call, context))
  const receipt = await readReceipt(call, context)
  return isScoped ? receipt : unscoped(receipt)
})

/** The receipt of a scope, or of all time, in the form of a scoped one. */
export const getInvoiceProof = implement(api.getInvoiceProof, async (call, context) =>
  wantsText(call) ? textAnswer(await proofFile(call, context)) : readReceipt(call, context),
)

function wantsText({ input, request }: ReceiptCall): boolean {
  const { format } = input.query
  return format === undefined ? prefersText(request.headers.accept) : format === 'tlog-proof'
}

async function readReceipt(
  { principal, input }: ReceiptCall,
  context: DataPlaneContext,
): Promise<ScopedReceipt> {
  const { customerId } = input.params
  const { limit = 1_000, offset = 0 } = input.query
  const generatedAt = timestampOf(context.clock.now())
  const scope = scopeOf(input.query, context.clock.now())
  const read = async (tx: Db) => {
    const ledger = await findReceiptLedger(tx, principal.tenantNo, customerId, scope)
    const period = periodOfQuery(input.query, context.clock.now())
    const [totals, proof, { deltas, pagination }] = await Promise.all([
      readTotals(tx, ledger, period),
      readProof(tx, ledger),
      readPage(tx, ledger, offset, limit),
    ])
    const { count, itemsRoot, proofRoot } = totals
    const urls = verifyUrls(context.publicUrl, proofRoot)
    return {
      customerId,
      ledgerIdentifier: customerReference(principal.tenantId, customerId),
      generatedAt,
      period,
      proofRoot,
      startingBalance: totals.startingBalance,
      deltaCount: count,
      deltasCount: count,
      finalBalance: totals.finalBalance,
      itemsRoot,
      receiptId: itemsRoot,
      latestCheckpoint: itemsRoot,
      deltas,
      windowSummaries: totals.windowSummaries,
      verification: {
        itemHashes: deltas.map(({ itemHash }) => itemHash),
        proof,
        publicKey: publicKeyOf(ledger.log),
        ...urls,
      },
      pagination,
      ...urls,
      accessHint: null,
      customerLinkUrl: null,
      customerLinkHost: null,
    }
  }
  return transaction(context.db, read, { isolation: 'repeatable read', readOnly: true })
}

async function proofFile(
  { principal, input }: ReceiptCall,
  { db, clock }: DataPlaneContext,
): Promise<string> {
  const scope = scopeOf(input.query, clock.now())
  const read = async (tx: Db) =>
    readProof(tx, await findReceiptLedger(tx, principal.tenantNo, input.params.customerId, scope))
  const proof = await transaction(db, read, { isolation: 'repeatable read', readOnly: true })
  if (proof === null) throw new Problem('NOT_FOUND', { message: 'No verified delta to prove in this scope' })
  return proof.tlogProof
}

function unscoped({
  period: _period,
  proofRoot: _proofRoot,
  startingBalance: _startingBalance,
  deltaCount: _deltaCount,
  verifyUrl: _verifyUrl,
  verificationApiUrl: _verificationApiUrl,
  accessHint: _accessHint,
  customerLinkUrl: _customerLinkUrl,
  customerLinkHost: _customerLinkHost,
  ...receipt
}: ScopedReceipt): EndpointData<typeof api.getReceipt> {
  return receipt
}

function periodOfQuery({ period, timePreset }: Query, nowMs: number): string | null {
  return period ?? (timePreset === 'current_month' ? periodOf(timestampOf(nowMs)) : null)
}

/** Where anybody may verify a root, without a key. Null without a root, or where this plane was not told its public URL. */
function verifyUrls(publicUrl: string | null, root: Hex | null) {
  if (publicUrl === null || root === null) return { verifyUrl: null, verificationApiUrl: null }
  return {
    verifyUrl: `${publicUrl}/verify/${root}`,
    verificationApiUrl: `${publicUrl}/api/v1/verify/${root}`,
  }
}
