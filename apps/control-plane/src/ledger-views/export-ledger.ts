import { type Amount, addAmounts, formatAmount, ZERO } from '@pacspace/api/amount'
import { exportLedger as definition } from '@pacspace/api/definition/ledger-views'
import { getReceipt } from '@pacspace/api/definition/receipts'
import type { EndpointData } from '@pacspace/api/endpoint'
import { EventStream } from '@pacspace/service/event-stream'
import { implement } from '../context.ts'
import { csvLine } from './csv-line.ts'
import { viewsOf } from './view-ledger.ts'

/** Deltas that are asked for and held at once. */
const PAGE_DELTAS = 1_000

type Receipt = EndpointData<typeof getReceipt>

/** The columns, in order; names are API: never renamed, new ones go to the end. */
const COLUMNS = [
  'sequenceNumber',
  'createdAt',
  'delta',
  'balance',
  'reason',
  'referenceId',
  'recordId',
  'anchorId',
  'itemHash',
  'receiptId',
]

/**
 * All verified deltas of a customer, or those of a scope, with the balance after each, as a CSV file (docs/decisions/0065).
 * Any role. What is verified when it begins is what it holds; what goes wrong on the way breaks the connection, so that
 * no shortened file looks whole.
 */
export const exportLedger = implement(definition, async (call, context) => {
  const { params, query } = call.input
  const ask = await viewsOf(call, context)
  const pageAt = (offset: number) =>
    ask(getReceipt, { params, query: { ...query, format: 'json', limit: PAGE_DELTAS, offset } })
  const first = await pageAt(0)
  const name = `ledger-${params.customerId.replaceAll(':', '_')}.csv`
  return new EventStream((signal) => csvFile(first, pageAt, signal), {
    'content-disposition': `attachment; filename="${name}"`,
  })
})

async function* csvFile(
  first: Receipt,
  pageAt: (offset: number) => Promise<Receipt>,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  yield csvLine(COLUMNS)
  const { total } = first.pagination
  // Left out where the receipt is of all time, which begins with nothing.
  let balance = first.startingBalance ?? ZERO
  let { deltas } = first
  for (let sent = 0; sent < total && !signal.aborted; ) {
    // Fewer can only be where the ledger lost some: the file must not look whole.
    if (deltas.length === 0) throw new Error(`the plane has ${total} deltas and shows ${sent}`)
    const page = deltas.slice(0, total - sent)
    let text = ''
    for (const delta of page) {
      balance = addAmounts(balance, delta.delta)
      text += lineOf(delta, balance)
    }
    yield text
    sent += page.length
    if (sent < total) deltas = (await pageAt(sent)).deltas
  }
}

function lineOf(delta: Receipt['deltas'][number], balance: Amount): string {
  return csvLine([
    { number: String(delta.sequenceNumber) },
    delta.createdAt,
    { number: formatAmount(delta.delta) },
    { number: formatAmount(balance) },
    delta.reason,
    delta.referenceId,
    delta.recordId,
    delta.anchorId,
    delta.itemHash,
    delta.receiptId,
  ])
}
