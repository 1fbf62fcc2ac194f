import { Link } from '@tanstack/react-router'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { Amount } from '../ui/Amount.tsx'
import { shortened } from '../ui/Hash.tsx'
import { Seal } from '../ui/Seal.tsx'
import { type Column, Table } from '../ui/Table.tsx'
import { Time } from '../ui/Time.tsx'
import type { DeltaSearch } from './delta-filter.ts'
import type { ListedDelta } from './delta-queries.ts'

/** Deltas in rows; each opens beside the list, at an address of its own. */
export function DeltaTable({
  deltas,
  search,
  isStale,
}: {
  readonly deltas: readonly ListedDelta[]
  readonly search: DeltaSearch
  readonly isStale: boolean
}) {
  const environment = useEnvironment()
  const columns: Column<ListedDelta>[] = [
    {
      key: 'record',
      title: 'Record',
      cell: (delta) => (
        <Link
          to={paths.deltas(environment)}
          search={{ ...search, open: delta.recordId }}
          resetScroll={false}
          title={delta.recordId}
          className="numeric text-accent underline"
        >
          {shortened(delta.recordId)}
        </Link>
      ),
    },
    { key: 'time', title: 'Time', cell: (delta) => <Time iso={delta.createdAt} exact /> },
    {
      key: 'customer',
      title: 'Customer',
      cell: (delta) => (
        <Link
          to={paths.deltas(environment)}
          search={{ ...search, customerId: delta.customerId, before: undefined }}
          className="underline decoration-line-strong"
        >
          {delta.customerId}
        </Link>
      ),
    },
    { key: 'reason', title: 'Reason', cell: (delta) => delta.reason },
    {
      key: 'reference',
      title: 'Reference',
      cell: (delta) => delta.referenceId ?? <span className="text-ink-soft">–</span>,
    },
    {
      key: 'amount',
      title: 'Amount',
      isNumeric: true,
      cell: (delta) => <Amount value={delta.delta} isChange />,
    },
    { key: 'status', title: 'Status', cell: (delta) => <Seal status={delta.status} /> },
  ]
  return (
    <Table
      caption="Deltas, newest first"
      columns={columns}
      rows={deltas}
      keyOf={(delta) => delta.recordId}
      isStale={isStale}
    />
  )
}
