import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { isProblem } from '../api/api-problem.ts'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { paths } from '../paths.ts'
import { amountText } from '../ui/amount-text.ts'
import { Card, PageHeader } from '../ui/Card.tsx'
import { Hash } from '../ui/Hash.tsx'
import { LineChart, type LinePoint } from '../ui/LineChart.tsx'
import { Seal } from '../ui/Seal.tsx'
import { EmptyState, Skeleton } from '../ui/States.tsx'
import { Time } from '../ui/Time.tsx'
import { CustomerActions } from './CustomerActions.tsx'
import { CustomerCheckpoints } from './CustomerCheckpoints.tsx'
import { CustomerDeltas } from './CustomerDeltas.tsx'
import { CustomerMonths } from './CustomerMonths.tsx'
import { customerQuery, deltasQuery, lineQuery } from './customer-queries.ts'
import { lineOf, startOfDaysAgo } from './line.ts'

/** One customer: balance now and over time, its deltas, receipts and checkpoints. */
export function CustomerPage() {
  const environment = useEnvironment()
  const { customerId = '' } = useParams({ strict: false })
  const customer = useQuery(customerQuery(environment, customerId))
  if (isProblem(customer.error, 'CUSTOMER_NOT_FOUND')) return <UnknownCustomer customerId={customerId} />
  return (
    <>
      <nav aria-label="Breadcrumb" className="mb-1 text-[13px]">
        <Link to={paths.customers(environment)} className="text-accent underline">
          Customers
        </Link>
      </nav>
      <PageHeader
        title={customer.data?.displayName ?? customerId}
        actions={<CustomerActions customerId={customerId} />}
      >
        {customer.data !== undefined && customer.data.displayName !== null ? customerId : undefined}
      </PageHeader>
      <div className="grid grid-cols-1 gap-4">
        <Card>
          {customer.data === undefined ? (
            <>
              {customer.isPending && <Skeleton lines={3} label="Loading the customer" />}
              <ProblemState error={customer.error} onRetry={() => customer.refetch()} />
            </>
          ) : (
            <Facts customer={customer.data} />
          )}
        </Card>
        <BalanceCard customerId={customerId} />
        <CustomerDeltas customerId={customerId} />
        <CustomerMonths customerId={customerId} />
        <CustomerCheckpoints customerId={customerId} />
      </div>
    </>
  )
}

type Facts = NonNullable<Awaited<ReturnType<NonNullable<ReturnType<typeof customerQuery>['queryFn']>>>>

function Facts({ customer }: { readonly customer: Facts }) {
  const environment = useEnvironment()
  const newest = useQuery(deltasQuery(environment, customer.customerId, 1))
  const pending = newest.data?.deltas.filter((delta) => delta.status !== 'VERIFIED').length ?? 0
  const facts = [
    { title: 'Deltas', content: <span className="numeric">{amountText(String(customer.totalDeltas))}</span> },
    { title: 'First delta', content: customer.firstDeltaAt && <Time iso={customer.firstDeltaAt} /> },
    { title: 'Last delta', content: customer.lastDeltaAt && <Time iso={customer.lastDeltaAt} /> },
    {
      title: 'Reference for the other side',
      content: <Hash value={customer.customerReference} label="customer reference" />,
    },
  ]
  return (
    <div className="flex flex-wrap items-start gap-x-10 gap-y-4">
      <div>
        <p className="text-[13px] text-ink-soft">Balance</p>
        <p className="numeric text-[28px] leading-[36px] max-[700px]:text-[20px]" data-testid="balance">
          {amountText(customer.computedBalance)}
        </p>
        <p className="mt-1 flex flex-wrap items-center gap-x-3 text-[13px]">
          {customer.firstDeltaAt !== null && (
            <Seal status={customer.totalDeltas > 0 ? 'VERIFIED' : 'QUEUED'} />
          )}
          {pending > 0 && (
            <span className="text-ink-soft">
              {pending} {pending === 1 ? 'delta is' : 'deltas are'} not verified yet and not in it
            </span>
          )}
        </p>
      </div>
      <dl className="grid min-w-[min(100%,420px)] flex-1 grid-cols-2 gap-4 min-[1100px]:grid-cols-4">
        {facts.map(({ title, content }) => (
          <div key={title}>
            <dt className="text-[13px] text-ink-soft">{title}</dt>
            <dd>{content ?? <span className="text-ink-soft">none yet</span>}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

const ranges = [
  { key: 'all', title: 'All time', days: undefined },
  { key: '90', title: '90 days', days: 90 },
  { key: '30', title: '30 days', days: 30 },
  { key: '7', title: '7 days', days: 7 },
] as const

function BalanceCard({ customerId }: { readonly customerId: string }) {
  const environment = useEnvironment()
  const [days, setDays] = useState<number>()
  const startDate = days === undefined ? undefined : startOfDaysAgo(days, Date.now())
  const history = useQuery(lineQuery(environment, customerId, startDate))
  const points: readonly LinePoint[] = history.data === undefined ? [] : lineOf(history.data, startDate)
  return (
    <Card
      title="Balance over time"
      action={
        <fieldset className="flex gap-1">
          <legend className="sr-only">How far back</legend>
          {ranges.map((range) => (
            <button
              key={range.key}
              type="button"
              aria-pressed={range.days === days}
              onClick={() => setDays(range.days)}
              className="min-h-8 rounded-[6px] border border-transparent px-2 text-[13px] text-ink-soft hover:text-ink aria-pressed:border-line-strong aria-pressed:text-ink"
            >
              {range.title}
            </button>
          ))}
        </fieldset>
      }
    >
      {history.isPending && <Skeleton lines={6} label="Loading the balances" />}
      {history.data === undefined && <ProblemState error={history.error} onRetry={() => history.refetch()} />}
      {history.data !== undefined &&
        (points.length === 0 ? (
          <p className="text-ink-soft">No delta in this time.</p>
        ) : (
          <>
            <LineChart title={`Balance of ${customerId}`} points={points} />
            {history.data.pagination.total > history.data.deltas.length && (
              <p className="mt-1 text-[13px] text-ink-soft">
                Drawn from {history.data.deltas.length} of {amountText(String(history.data.pagination.total))}{' '}
                deltas, evenly spaced; each value is exact.
              </p>
            )}
          </>
        ))}
    </Card>
  )
}

function UnknownCustomer({ customerId }: { readonly customerId: string }) {
  const environment = useEnvironment()
  return (
    <EmptyState
      title={`No customer ${customerId} here`}
      action={
        <Link to={paths.customers(environment)} className="text-accent underline">
          See the customers of this environment
        </Link>
      }
    >
      A customer is there from its first delta on. Sandbox and Production have customers of their own.
    </EmptyState>
  )
}
