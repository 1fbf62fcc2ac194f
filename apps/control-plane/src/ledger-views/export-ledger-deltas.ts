import { formatAmount } from '@pacspace/api/amount'
import { exportLedgerDeltas as definition } from '@pacspace/api/definition/ledger-views'
import type { EndpointData } from '@pacspace/api/endpoint'
import { listPlaneDeltas } from '@pacspace/api/internal/plane-deltas'
import { EventStream } from '@pacspace/service/event-stream'
import { implement } from '../context.ts'
import { csvLine } from './csv-line.ts'
import { requestedPlane } from './view-ledger.ts'

/** Deltas that are asked for and held at once. */
const PAGE_DELTAS = 1_000

type Page = EndpointData<typeof listPlaneDeltas>
type Row = Page['deltas'][number]

/** The columns, in order; names are API: never renamed, new ones go to the end. */
const COLUMNS = [
  'createdAt',
  'customerId',
  'sequenceNumber',
  'delta',
  'reason',
  'referenceId',
  'status',
  'recordId',
  'anchorId',
  'itemHash',
  'receiptId',
]

/**
 * Deltas of all customers, newest first, or those of a filter, as a CSV file (docs/decisions/0065). Any role. What is committed
 * when it begins is what it holds, each delta with its status when it was read; what goes wrong on the way breaks the
 * connection, so that no shortened file looks whole.
 */
export const exportLedgerDeltas = implement(definition, async (call, context) => {
  const { query } = call.input
  const { plane } = await requestedPlane(call, context)
  const params = { tenantId: call.principal.tenantId }
  const pageBefore = (before?: Row['anchorId']) =>
    plane.call(listPlaneDeltas, {
      params,
      query: { ...query, limit: PAGE_DELTAS, ...(before !== undefined && { before }) },
    })
  const first = await pageBefore()
  const name = query.customerId === undefined ? 'deltas' : `deltas-${query.customerId.replaceAll(':', '_')}`
  return new EventStream((signal) => csvFile(first, pageBefore, signal), {
    'content-disposition': `attachment; filename="${name}.csv"`,
  })
})

async function* csvFile(
  first: Page,
  pageBefore: (before: Row['anchorId']) => Promise<Page>,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  yield csvLine(COLUMNS)
  for (let page = first; !signal.aborted; ) {
    yield page.deltas.map(lineOf).join('')
    const oldest = page.deltas.at(-1)
    if (oldest === undefined || !page.pagination.hasMore) return
    page = await pageBefore(oldest.anchorId)
  }
}

function lineOf(delta: Row): string {
  return csvLine([
    delta.createdAt,
    delta.customerId,
    { number: String(delta.sequenceNumber) },
    { number: formatAmount(delta.delta) },
    delta.reason,
    delta.referenceId,
    delta.status,
    delta.recordId,
    delta.anchorId,
    delta.itemHash,
    delta.receiptId,
  ])
}
