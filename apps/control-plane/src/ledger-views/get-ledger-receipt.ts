import { getLedgerReceipt as definition } from '@pacspace/api/definition/ledger-views'
import { getReceipt } from '@pacspace/api/definition/receipts'
import { Problem } from '@pacspace/api/problem'
import { prefersText } from '@pacspace/service/accept'
import { textAnswer } from '@pacspace/service/implement'
import { implement } from '../context.ts'
import { viewLedger } from './view-ledger.ts'

/**
 * A customer's verified deltas with totals and proof; as plain text the offline proof file of the last one, which is
 * taken out of the receipt. Any role. Raises NOT_FOUND for a proof file where nothing in scope is verified.
 */
export const getLedgerReceipt = implement(definition, async (call, context) => {
  const { params, query } = call.input
  const { format = prefersText(call.request.headers.accept) ? 'tlog-proof' : 'json', ...scope } = query
  const receipt = await viewLedger(getReceipt, { params, query: { ...scope, format: 'json' } }, call, context)
  if (format === 'json') return receipt
  const { proof } = receipt.verification
  if (proof === null) throw new Problem('NOT_FOUND', { message: 'No verified delta to prove in this scope' })
  return textAnswer(proof.tlogProof)
})
