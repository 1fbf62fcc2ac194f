import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Camera, Lock } from 'lucide-react'
import { useState } from 'react'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { pageOf, useSearchParams } from '../api/search-params.ts'
import { hasRole, useMe } from '../api/session.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { Card, PageHeader } from '../ui/Card.tsx'
import { Pager } from '../ui/Pager.tsx'
import { rowsText } from '../ui/rows-text.ts'
import { EmptyState, Skeleton } from '../ui/States.tsx'
import { CheckpointSheet } from './CheckpointSheet.tsx'
import { CheckpointTable } from './CheckpointTable.tsx'
import { CHECKPOINTS_A_PAGE, checkpointsQuery } from './checkpoint-queries.ts'
import { SnapshotDialog } from './SnapshotDialog.tsx'

/** Locked periods and snapshots: taken for a customer or for all, each with the root that anybody can check. */
export function CheckpointsPage() {
  const environment = useEnvironment()
  const me = useMe()
  const [{ customer: customerId = '', page: pageText, checkpoint: opened }, change] = useSearchParams()
  const [isTaking, setTaking] = useState(false)
  const page = pageOf(pageText)
  const found = useQuery(checkpointsQuery(environment, { customerId, page }))
  const refusal = hasRole(me, 'developer') ? undefined : 'Your role may only look. Ask an admin.'
  const checkpoints = found.data?.checkpoints ?? []
  return (
    <>
      <PageHeader
        title="Checkpoints"
        actions={
          <>
            <Button
              icon={<Camera size={16} aria-hidden />}
              disabledReason={refusal}
              onClick={() => setTaking(true)}
            >
              Take a snapshot
            </Button>
            <CloseLink customerId={customerId} />
          </>
        }
      >
        A checkpoint gives a period one root. Whoever holds the root can check the whole period, and it never
        changes.
      </PageHeader>
      {customerId !== '' && (
        <p className="mb-4 flex flex-wrap items-center gap-3">
          Of customer <b className="font-medium">{customerId}</b>, its part of those of all customers
          included.
          <Button onClick={() => change({ customer: '', page: '' })}>Show all</Button>
        </p>
      )}
      {found.isPending && <Skeleton lines={5} label="Loading checkpoints" />}
      {found.data === undefined && <ProblemState error={found.error} onRetry={() => found.refetch()} />}
      {found.data !== undefined && checkpoints.length === 0 && (
        <EmptyState title="No checkpoints yet" action={<CloseLink customerId={customerId} />}>
          Close a finished month, and both sides have one number to agree on. Of the running month you can
          take snapshots.
        </EmptyState>
      )}
      {found.data !== undefined && checkpoints.length > 0 && (
        <Card>
          <CheckpointTable checkpoints={checkpoints} isStale={found.isPlaceholderData} />
          <Pager
            page={page}
            hasMore={found.data.pagination.hasMore}
            text={rowsText(page, CHECKPOINTS_A_PAGE, found.data.pagination.total)}
            onPage={(next) => change({ page: String(next) })}
          />
        </Card>
      )}
      {opened !== undefined && found.data !== undefined && (
        <CheckpointSheet
          checkpoint={checkpoints.find(({ checkpointId }) => checkpointId === opened)}
          onClose={() => change({ checkpoint: '' })}
        />
      )}
      {isTaking && <SnapshotDialog customerId={customerId} onClose={() => setTaking(false)} />}
    </>
  )
}

function CloseLink({ customerId }: { readonly customerId: string }) {
  const environment = useEnvironment()
  return (
    <Link
      to={paths.monthClose(environment)}
      search={customerId === '' ? {} : { customer: customerId }}
      className="inline-flex min-h-9 items-center gap-2 rounded-[8px] border border-accent bg-accent px-3 py-1.5 font-medium text-on-accent"
    >
      <Lock size={16} aria-hidden />
      Close a month
    </Link>
  )
}
