import { useQuery } from '@tanstack/react-query'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import type { DataOf } from '../api/endpoint-ref.ts'
import { listInvoices } from '../api/endpoints.gen.ts'
import { amountText } from '../ui/amount-text.ts'
import { Card } from '../ui/Card.tsx'
import { ErrorState, Skeleton } from '../ui/States.tsx'
import { type Column, Table } from '../ui/Table.tsx'

type Invoice = DataOf<NonNullable<(typeof listInvoices)['definition']>>['invoices'][number]

const columns: Column<Invoice>[] = [
  { key: 'period', title: 'Month', cell: (invoice) => invoice.period },
  { key: 'lines', title: 'For', cell: (invoice) => invoice.lines.map((line) => line.description).join('; ') },
  {
    key: 'total',
    title: 'Total, US$',
    isNumeric: true,
    cell: (invoice) => <span className="numeric">{amountText(invoice.totalUsd)}</span>,
  },
]

/** Invoices, newest first. */
export function InvoicesCard() {
  const invoices = useQuery({
    queryKey: ['billing', 'invoices'],
    queryFn: ({ signal }) => call(listInvoices, { query: {} }, { signal }),
  })
  return (
    <Card title="Invoices">
      {invoices.isPending && <Skeleton lines={2} label="Loading invoices" />}
      {invoices.error instanceof ApiProblem && (
        <ErrorState message={invoices.error.message} requestId={invoices.error.requestId} />
      )}
      {invoices.data?.invoices.length === 0 && (
        <p className="text-ink-soft">None yet. The first one comes after the first month on a paid plan.</p>
      )}
      {invoices.data !== undefined && invoices.data.invoices.length > 0 && (
        <Table
          caption="Invoices"
          columns={columns}
          rows={invoices.data.invoices}
          keyOf={(invoice) => invoice.id}
        />
      )}
    </Card>
  )
}
