import { Link } from '@tanstack/react-router'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { Amount } from '../ui/Amount.tsx'
import { amountText, fractionDigitsOf } from '../ui/amount-text.ts'
import { Seal } from '../ui/Seal.tsx'
import { type Column, Table } from '../ui/Table.tsx'
import { Time } from '../ui/Time.tsx'
import type { Customer } from './customer-queries.ts'

/** Customers with balance, size and last activity; each name leads to its page. */
export function CustomerTable({
  customers,
  isStale,
}: {
  readonly customers: readonly Customer[]
  readonly isStale: boolean
}) {
  const environment = useEnvironment()
  const fractionDigits = fractionDigitsOf(customers.map((customer) => customer.computedBalance))
  const columns: Column<Customer>[] = [
    {
      key: 'customer',
      title: 'Customer',
      cell: ({ customerId, displayName }) => (
        <span>
          <Link
            to={paths.customer(environment, customerId)}
            className="font-medium text-accent underline-offset-2 hover:underline"
          >
            {displayName ?? customerId}
          </Link>
          {displayName !== null && <span className="block text-ink-soft">{customerId}</span>}
        </span>
      ),
    },
    {
      key: 'balance',
      title: 'Balance',
      isNumeric: true,
      cell: ({ computedBalance }) => <Amount value={computedBalance} fractionDigits={fractionDigits} />,
    },
    {
      key: 'deltas',
      title: 'Deltas',
      isNumeric: true,
      cell: ({ totalDeltas }) => <span className="numeric">{amountText(String(totalDeltas))}</span>,
    },
    {
      key: 'seal',
      title: 'Proof',
      // A balance is that of verified deltas; without one, what there is waits.
      cell: ({ totalDeltas, firstDeltaAt }) =>
        firstDeltaAt === null ? (
          <span className="text-ink-soft">No delta yet</span>
        ) : (
          <Seal status={totalDeltas > 0 ? 'VERIFIED' : 'QUEUED'} />
        ),
    },
    {
      key: 'last',
      title: 'Last activity',
      cell: ({ lastDeltaAt }) =>
        lastDeltaAt === null ? <span className="text-ink-soft">none</span> : <Time iso={lastDeltaAt} />,
    },
  ]
  return (
    <Table
      caption="Customers"
      columns={columns}
      rows={customers}
      keyOf={({ customerId }) => customerId}
      isStale={isStale}
    />
  )
}
