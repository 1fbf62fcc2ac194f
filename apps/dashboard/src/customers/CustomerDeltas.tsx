import type { Environment } from '@pacspace/api/environment'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { pageOf, useSearchParams } from '../api/search-params.ts'
import { paths } from '../paths.ts'
import { Amount } from '../ui/Amount.tsx'
import { fractionDigitsOf } from '../ui/amount-text.ts'
import { Card } from '../ui/Card.tsx'
import { CodeBlock } from '../ui/CodeBlock.tsx'
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
      {history.data?.pagination.total === 0 && <NoDeltas customerId={customerId} />}
      {history.data !== undefined && history.data.pagination.total > 0 && (
        <>
          <Table
            caption={`Deltas of ${customerId}, newest first`}
            columns={columnsOf(environment, history.data.deltas)}
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

function NoDeltas({ customerId }: { readonly customerId: string }) {
  return (
    <>
      <p className="mb-3 max-w-[72ch] text-ink-soft">
        None yet: its balance begins with its first delta. Put your key into this.
      </p>
      <CodeBlock
        label="command"
        code={`curl ${window.location.origin}/api/v1/balance/delta \\
  -H "X-Api-Key: YOUR_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '${JSON.stringify({ customerId, delta: -250, reason: 'seat charge' })}'`}
      />
    </>
  )
}

function columnsOf(environment: Environment, deltas: readonly HistoryDelta[]): Column<HistoryDelta>[] {
  const ofDeltas = fractionDigitsOf(deltas.map(({ delta }) => delta))
  const ofBalances = fractionDigitsOf(deltas.map(({ balance }) => balance))
  return [
    {
      key: 'number',
      title: 'No.',
      cell: ({ recordId, sequenceNumber }) => (
        <Link
          to={paths.delta(environment, recordId)}
          aria-label={`Delta ${sequenceNumber}, its record and its proof`}
          className="numeric text-accent underline"
        >
          {sequenceNumber}
        </Link>
      ),
    },
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
