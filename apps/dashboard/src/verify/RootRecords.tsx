import { useState } from 'react'
import { Amount } from '../ui/Amount.tsx'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { Seal } from '../ui/Seal.tsx'
import { type Column, Table } from '../ui/Table.tsx'
import { Time } from '../ui/Time.tsx'
import type { RootAnswer } from './verify-queries.ts'

type Row = RootAnswer['records'][number] & { readonly number: number }

const ROWS_AT_FIRST = 25

const columns: readonly Column<Row>[] = [
  { key: 'number', title: 'Nº', cell: (row) => <span className="numeric">{row.number}</span> },
  { key: 'time', title: 'Time', cell: (row) => <Time iso={row.time} exact /> },
  { key: 'reason', title: 'Reason', cell: (row) => row.reason },
  {
    key: 'reference',
    title: 'Reference',
    cell: (row) => row.referenceId ?? <span className="text-ink-soft">–</span>,
  },
  { key: 'amount', title: 'Amount', isNumeric: true, cell: (row) => <Amount value={row.amount} isChange /> },
  { key: 'status', title: 'Status', cell: (row) => <Seal status={row.status} /> },
]

/** The records that a root commits to, as far as the answer has them: 1,000 at most, and none where the tenant shows the sum alone. */
export function RootRecords({ answer: { records, summary } }: { readonly answer: RootAnswer }) {
  const [isAll, setAll] = useState(false)
  const count = summary?.recordCount ?? records.length
  if (count === 0) return null
  const rows = records.map((record, i) => ({ ...record, number: i + 1 }))
  const shown = isAll ? rows : rows.slice(0, ROWS_AT_FIRST)
  return (
    <Card title="Records">
      {rows.length === 0 ? (
        <p className="text-ink-soft">
          The records under this root are not shown in public: only their number and sum.
        </p>
      ) : (
        <Table
          caption="Records, oldest first"
          columns={columns}
          rows={shown}
          keyOf={(row) => String(row.number)}
        />
      )}
      {shown.length < rows.length && (
        <div className="mt-4 flex justify-center">
          <Button onClick={() => setAll(true)}>Show all {rows.length}</Button>
        </div>
      )}
      {rows.length > 0 && rows.length < count && (
        <p className="mt-3 text-[13px] text-ink-soft">
          These are the first {rows.length} of {count}. All of them were recomputed.
        </p>
      )}
    </Card>
  )
}
