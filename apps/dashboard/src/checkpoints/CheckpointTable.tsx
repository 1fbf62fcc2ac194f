import { Link } from '@tanstack/react-router'
import { Amount } from '../ui/Amount.tsx'
import { amountText, fractionDigitsOf } from '../ui/amount-text.ts'
import { Hash } from '../ui/Hash.tsx'
import { Seal } from '../ui/Seal.tsx'
import { type Column, Table } from '../ui/Table.tsx'
import { Time } from '../ui/Time.tsx'
import { type Checkpoint, periodText } from './checkpoint-queries.ts'

/** Checkpoints as a table; each period leads to all that is known of it. */
export function CheckpointTable({
  checkpoints,
  isStale,
}: {
  readonly checkpoints: readonly Checkpoint[]
  readonly isStale: boolean
}) {
  return (
    <Table
      caption="Checkpoints, newest first"
      columns={columnsOf(checkpoints)}
      rows={checkpoints}
      keyOf={({ checkpointId }) => checkpointId}
      isStale={isStale}
    />
  )
}

function columnsOf(checkpoints: readonly Checkpoint[]): Column<Checkpoint>[] {
  const digits = fractionDigitsOf(
    checkpoints.flatMap(({ netChange, endingBalance }) => [netChange ?? '0', endingBalance ?? '0']),
  )
  return [
    {
      key: 'period',
      title: 'Period',
      isShort: true,
      cell: (one) => (
        <Link
          to="."
          search={(before: object) => ({ ...before, checkpoint: one.checkpointId })}
          className="font-medium whitespace-nowrap text-accent underline-offset-2 hover:underline"
        >
          {periodText(one)}
        </Link>
      ),
    },
    { key: 'kind', title: 'Kind', isShort: true, cell: ({ closed }) => (closed ? 'Closed' : 'Snapshot') },
    {
      key: 'whose',
      title: 'Customer',
      cell: ({ customerId }) => customerId ?? <span className="text-ink-soft">All customers</span>,
    },
    { key: 'status', title: 'Proof', cell: ({ status }) => <Seal status={status} /> },
    {
      key: 'deltas',
      title: 'Deltas',
      isNumeric: true,
      cell: ({ deltasCount }) => (
        <span className="numeric">{deltasCount === null ? '…' : amountText(String(deltasCount))}</span>
      ),
    },
    {
      key: 'net',
      title: 'Net change',
      isNumeric: true,
      cell: ({ netChange }) =>
        netChange === null ? '…' : <Amount value={netChange} isChange fractionDigits={digits} />,
    },
    {
      key: 'balance',
      title: 'Balance at its end',
      isNumeric: true,
      cell: ({ endingBalance }) =>
        endingBalance === null ? '…' : <Amount value={endingBalance} fractionDigits={digits} />,
    },
    {
      key: 'root',
      title: 'Root',
      cell: ({ proofRoot }) =>
        proofRoot === null ? 'being computed' : <Hash value={proofRoot} label="proof root" />,
    },
    { key: 'taken', title: 'Taken', cell: ({ createdAt }) => <Time iso={createdAt} /> },
  ]
}
