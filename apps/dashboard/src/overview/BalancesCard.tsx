import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { paths } from '../paths.ts'
import { Amount } from '../ui/Amount.tsx'
import { amountText, fractionDigitsOf } from '../ui/amount-text.ts'
import { Card } from '../ui/Card.tsx'
import { Skeleton } from '../ui/States.tsx'
import { Table } from '../ui/Table.tsx'
import { Time } from '../ui/Time.tsx'
import { someCustomersQuery } from './overview-queries.ts'

/** Balances of the first customers, and the way to all of them. */
export function BalancesCard() {
  const environment = useEnvironment()
  const found = useQuery(someCustomersQuery(environment))
  const customers = found.data?.customers ?? []
  const digits = fractionDigitsOf(customers.map(({ computedBalance }) => computedBalance))
  return (
    <Card
      title="Balances"
      action={
        <Link to={paths.customers(environment)} className="text-accent underline">
          {found.data === undefined
            ? 'All customers'
            : `All ${amountText(String(found.data.pagination.total))} customers`}
        </Link>
      }
    >
      {found.isPending && <Skeleton lines={4} label="Loading balances" />}
      {found.data === undefined && <ProblemState error={found.error} onRetry={() => found.refetch()} />}
      {customers.length > 0 && (
        <Table
          caption="Balances of the first customers"
          rows={customers}
          keyOf={({ customerId }) => customerId}
          columns={[
            {
              key: 'customer',
              title: 'Customer',
              cell: ({ customerId, displayName }) => (
                <Link
                  to={paths.customer(environment, customerId)}
                  className="font-medium text-accent underline-offset-2 hover:underline"
                >
                  {displayName ?? customerId}
                </Link>
              ),
            },
            {
              key: 'balance',
              title: 'Balance',
              isNumeric: true,
              cell: ({ computedBalance }) => <Amount value={computedBalance} fractionDigits={digits} />,
            },
            {
              key: 'last',
              title: 'Last activity',
              cell: ({ lastDeltaAt }) =>
                lastDeltaAt === null ? (
                  <span className="text-ink-soft">none</span>
                ) : (
                  <Time iso={lastDeltaAt} />
                ),
            },
          ]}
        />
      )}
    </Card>
  )
}
