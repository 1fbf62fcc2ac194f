import { Amount } from '../ui/Amount.tsx'
import { amountText, fractionDigitsOf } from '../ui/amount-text.ts'
import { type Column, Table } from '../ui/Table.tsx'
import { Time } from '../ui/Time.tsx'
import { kindText, sideText } from './discrepancy-text.ts'
import type { Discrepancy, Outcome } from './run-comparison.ts'

/** Each delta in which a list parts from the ledger, in words and in both amounts. */
export function DiscrepancyTable({ outcome }: { readonly outcome: Outcome }) {
  const { discrepancies, discrepanciesCount } = outcome
  return (
    <div className="mt-4">
      <h3 className="mb-2 font-medium">
        {amountText(String(discrepanciesCount))} {discrepanciesCount === 1 ? 'difference' : 'differences'}
        {discrepancies.length < discrepanciesCount && `, the first ${discrepancies.length} of them`}
      </h3>
      <Table
        caption="Differences between the lists and the ledger"
        columns={columnsOf(discrepancies)}
        rows={discrepancies.map((one, index) => ({ ...one, index }))}
        keyOf={({ index }) => String(index)}
      />
    </div>
  )
}

type Row = Discrepancy & { readonly index: number }

function columnsOf(discrepancies: readonly Discrepancy[]): Column<Row>[] {
  const digits = fractionDigitsOf(
    discrepancies.flatMap(({ neutralAmount, statedAmount }) => [neutralAmount ?? '0', statedAmount ?? '0']),
  )
  const amount = (value: string | null) =>
    value === null ? (
      <span className="text-ink-soft">none</span>
    ) : (
      <Amount value={value} isChange fractionDigits={digits} />
    )
  return [
    { key: 'side', title: 'Whose list', cell: ({ side }) => sideText[side] },
    { key: 'kind', title: 'What', cell: ({ kind }) => kindText[kind] },
    {
      key: 'reference',
      title: 'Reference',
      cell: ({ referenceId, recordId }) => (
        <code className="numeric">{referenceId ?? recordId ?? 'none'}</code>
      ),
    },
    {
      key: 'number',
      title: 'No.',
      isNumeric: true,
      cell: ({ sequenceNumber }) => <span className="numeric">{sequenceNumber ?? ''}</span>,
    },
    {
      key: 'ledger',
      title: 'In the ledger',
      isNumeric: true,
      cell: ({ neutralAmount }) => amount(neutralAmount),
    },
    { key: 'list', title: 'In the list', isNumeric: true, cell: ({ statedAmount }) => amount(statedAmount) },
    {
      key: 'time',
      title: 'Accepted',
      cell: ({ time }) =>
        time === null ? <span className="text-ink-soft">never</span> : <Time iso={time} exact />,
    },
  ]
}
