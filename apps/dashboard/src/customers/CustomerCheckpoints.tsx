import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { paths } from '../paths.ts'
import { Amount } from '../ui/Amount.tsx'
import { fractionDigitsOf } from '../ui/amount-text.ts'
import { Card } from '../ui/Card.tsx'
import { Hash } from '../ui/Hash.tsx'
import { Seal } from '../ui/Seal.tsx'
import { Skeleton } from '../ui/States.tsx'
import { type Column, Table } from '../ui/Table.tsx'
import { customerCheckpointsQuery } from './customer-queries.ts'

const SHOWN = 5

type Checkpoint = NonNullable<ReturnType<typeof useCheckpoints>['data']>['checkpoints'][number]

function useCheckpoints(customerId: string) {
  return useQuery(customerCheckpointsQuery(useEnvironment(), customerId, SHOWN))
}

/** The newest checkpoints of a customer. */
export function CustomerCheckpoints({ customerId }: { readonly customerId: string }) {
  const environment = useEnvironment()
  const found = useCheckpoints(customerId)
  return (
    <Card
      title="Checkpoints"
      action={
        <Link
          to={paths.checkpoints(environment)}
          search={{ customer: customerId }}
          className="text-accent underline"
        >
          See all, or take one
        </Link>
      }
    >
      {found.isPending && <Skeleton lines={2} label="Loading checkpoints" />}
      {found.data === undefined && <ProblemState error={found.error} onRetry={() => found.refetch()} />}
      {found.data?.checkpoints.length === 0 && (
        <p className="max-w-[72ch] text-ink-soft">
          None yet. A checkpoint locks a period with one root: whoever holds the root can check the whole
          period, and it never changes.
        </p>
      )}
      {found.data !== undefined && found.data.checkpoints.length > 0 && (
        <Table
          caption={`Newest checkpoints of ${customerId}`}
          columns={columnsOf(found.data.checkpoints)}
          rows={found.data.checkpoints}
          keyOf={({ checkpointId }) => checkpointId}
        />
      )}
    </Card>
  )
}

function columnsOf(checkpoints: readonly Checkpoint[]): Column<Checkpoint>[] {
  const digits = fractionDigitsOf(checkpoints.map(({ endingBalance }) => endingBalance ?? '0'))
  return [
    {
      key: 'period',
      title: 'Period',
      cell: ({ period, startDate, endDate }) =>
        period ?? (startDate === null ? 'All time' : `${startDate.slice(0, 10)} to ${endDate?.slice(0, 10)}`),
    },
    { key: 'closed', title: 'Kind', cell: ({ closed }) => (closed ? 'Closed' : 'Snapshot') },
    { key: 'status', title: 'Proof', cell: ({ status }) => <Seal status={status} /> },
    {
      key: 'balance',
      title: 'Balance at its end',
      isNumeric: true,
      cell: ({ endingBalance }) =>
        endingBalance === null ? '' : <Amount value={endingBalance} fractionDigits={digits} />,
    },
    {
      key: 'root',
      title: 'Root',
      cell: ({ proofRoot }) => (proofRoot === null ? '' : <Hash value={proofRoot} label="proof root" />),
    },
  ]
}
