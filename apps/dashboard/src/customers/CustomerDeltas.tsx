import { useQuery } from '@tanstack/react-query'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { pageOf, useSearchParams } from '../api/search-params.ts'
import { Amount } from '../ui/Amount.tsx'
import { fractionDigitsOf } from '../ui/amount-text.ts'
import { Card } from '../ui/Card.tsx'
import { Pager } from '../ui/Pager.tsx'
import { rowsText } from '../ui/rows-text.ts'
import { Seal } from '../ui/Seal.tsx'
import { Skeleton } from '../ui/States.tsx'
import { type Column, Table } from '../ui/Table.tsx'
import { Time } from '../ui/Time.tsx'
import { DELTAS_A_PAGE, deltasQuery, type HistoryDelta } from './customer-queries.ts'

/** A customer's deltas, newest first, each with the balance after it. */
export function CustomerDeltas({ customerId }: { readonly customerId: string }) {
  const environment = useEnvironment()
  const [{ page: pageText }, change] = useSearchParams()
  const page = pageOf(pageText)
  const history = useQuery(deltasQuery(environment, customerId, page))
  return (
    <Card title="Deltas">
      {history.isPending && <Skeleton lines={6} label="Loading deltas" />}
      {history.data === undefined && <ProblemState error={history.error} onRetry={() => history.refetch()} />}
      {history.data !== undefined && (
        <>
          <Table
            caption={`Deltas of ${customerId}, newest first`}
            columns={columnsOf(history.data.deltas)}
            rows={history.data.deltas}
            keyOf={({ recordId }) => recordId}
            isStale={history.isPlaceholderData}
          />
          <Pager
            page={page}
            hasMore={history.data.pagination.hasMore}
            text={rowsText(page, DELTAS_A_PAGE, history.data.pagination.total)}
            onPage={(next) => change({ page: String(next) })}
          />
        </>
      )}
    </Card>
  )
}

function columnsOf(deltas: readonly HistoryDelta[]): Column<HistoryDelta>[] {
  const ofDeltas = fractionDigitsOf(deltas.map(({ delta }) => delta))
  const ofBalances = fractionDigitsOf(deltas.map(({ balance }) => balance))
  return [
    { key: 'number', title: 'No.', cell: (delta) => <span className="numeric">{delta.sequenceNumber}</span> },
    { key: 'time', title: 'Accepted', cell: (delta) => <Time iso={delta.createdAt} exact /> },
    { key: 'reason', title: 'Reason', cell: (delta) => delta.reason },
    {
      key: 'reference',
      title: 'Reference',
      cell: ({ referenceId }) =>
        referenceId === null ? (
          <span className="text-ink-soft">none</span>
        ) : (
          <code className="numeric">{referenceId}</code>
        ),
    },
    {
      key: 'delta',
      title: 'Delta',
      isNumeric: true,
      cell: ({ delta }) => <Amount value={delta} isChange fractionDigits={ofDeltas} />,
    },
    {
      key: 'balance',
      title: 'Balance after it',
      isNumeric: true,
      cell: ({ balance }) => <Amount value={balance} fractionDigits={ofBalances} />,
    },
    { key: 'status', title: 'Proof', cell: ({ status }) => <Seal status={status} /> },
  ]
}
