import { useMutation, useQuery } from '@tanstack/react-query'
import { FileDown } from 'lucide-react'
import { download } from '../api/download.ts'
import { exportLedger, getLedgerReceipt } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { Amount } from '../ui/Amount.tsx'
import { fractionDigitsOf } from '../ui/amount-text.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { Skeleton } from '../ui/States.tsx'
import { type Column, Table } from '../ui/Table.tsx'
import { type Month, monthsQuery } from './customer-queries.ts'

/** Receipts of a customer by month: totals, and the files that the other side checks without trusting anybody. */
export function CustomerMonths({ customerId }: { readonly customerId: string }) {
  const environment = useEnvironment()
  const months = useQuery(monthsQuery(environment, customerId))
  return (
    <Card title="Receipts by month">
      <p className="mb-3 max-w-[72ch] text-ink-soft">
        A receipt holds the verified deltas of a month with their proof. Whoever has it can check it without
        an account and without trusting you or us.
      </p>
      {months.isPending && <Skeleton lines={3} label="Loading receipts" />}
      {months.data === undefined && <ProblemState error={months.error} onRetry={() => months.refetch()} />}
      {months.data !== undefined &&
        (months.data.windowSummaries.length === 0 ? (
          <p className="text-ink-soft">None yet: a receipt has verified deltas.</p>
        ) : (
          <Table
            caption={`Receipts of ${customerId} by month, newest first`}
            columns={columnsOf(customerId, months.data.windowSummaries)}
            rows={months.data.windowSummaries.toReversed()}
            keyOf={({ period }) => period}
          />
        ))}
    </Card>
  )
}

function columnsOf(customerId: string, months: readonly Month[]): Column<Month>[] {
  const digits = fractionDigitsOf(
    months.flatMap((month) => [month.totalCredits, month.totalDebits, month.netChange]),
  )
  const amount = (title: string, key: 'totalCredits' | 'totalDebits' | 'netChange'): Column<Month> => ({
    key,
    title,
    isNumeric: true,
    cell: (month) => <Amount value={month[key]} isChange={key === 'netChange'} fractionDigits={digits} />,
  })
  return [
    { key: 'month', title: 'Month', cell: ({ period }) => period },
    {
      key: 'deltas',
      title: 'Deltas',
      isNumeric: true,
      cell: ({ deltasCount }) => <span className="numeric">{deltasCount}</span>,
    },
    amount('Credits', 'totalCredits'),
    amount('Debits', 'totalDebits'),
    amount('Net change', 'netChange'),
    {
      key: 'files',
      title: 'Files',
      cell: ({ period }) => <MonthFiles customerId={customerId} period={period} />,
    },
  ]
}

function MonthFiles({ customerId, period }: { readonly customerId: string; readonly period: string }) {
  const environment = useEnvironment()
  const params = { customerId }
  const name = `${customerId.replaceAll(':', '_')}-${period}`
  const save = useMutation({
    mutationFn: (kind: 'receipt' | 'proof' | 'csv') => {
      switch (kind) {
        case 'receipt':
          return download(
            getLedgerReceipt,
            { params, query: { period, limit: 10_000 } },
            { name: `receipt-${name}.json`, type: 'application/json' },
            { environment },
          )
        case 'proof':
          return download(
            getLedgerReceipt,
            { params, query: { period, format: 'tlog-proof' } },
            { name: `proof-${name}.tlog-proof`, type: 'text/plain' },
            { environment },
          )
        case 'csv':
          return download(
            exportLedger,
            { params, query: { period } },
            { name: `ledger-${name}.csv`, type: 'text/csv' },
            { environment },
          )
        default:
          return kind satisfies never
      }
    },
  })
  return (
    <span className="flex flex-wrap justify-end gap-1">
      {(['receipt', 'proof', 'csv'] as const).map((kind) => (
        <Button
          key={kind}
          look="quiet"
          aria-label={`Save the ${fileNames[kind]} of ${period}`}
          icon={<FileDown size={14} aria-hidden />}
          isBusy={save.isPending && save.variables === kind}
          onClick={() => save.mutate(kind)}
        >
          {fileNames[kind]}
        </Button>
      ))}
      <ProblemState error={save.error} />
    </span>
  )
}

const fileNames = { receipt: 'Receipt', proof: 'Proof', csv: 'CSV' } as const
