import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Pause, Play } from 'lucide-react'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { Card, PageHeader } from '../ui/Card.tsx'
import { EmptyState, ErrorState, Skeleton } from '../ui/States.tsx'
import { DeltaFilters } from './DeltaFilters.tsx'
import { DeltaSheet } from './DeltaSheet.tsx'
import { DeltaTable } from './DeltaTable.tsx'
import { type DeltaSearch, isNarrowed, readDeltaSearch } from './delta-filter.ts'
import { deltasQuery, type ListedDelta } from './delta-queries.ts'
import { ExportButton } from './ExportButton.tsx'
import { NoDeltasYet } from './NoDeltasYet.tsx'

/** Deltas of all customers, newest first; they appear while one looks. A row opens the delta and its proof beside the list. */
export function DeltasPage() {
  const environment = useEnvironment()
  const navigate = useNavigate()
  const search = readDeltaSearch(useSearch({ strict: false }))
  const [isPaused, setPaused] = useState(false)
  const isLive = !isPaused && search.before === undefined
  const list = useQuery(deltasQuery(environment, search, isLive))
  const problem = list.error instanceof ApiProblem ? list.error : undefined
  const go = (next: DeltaSearch) =>
    void navigate({ to: paths.deltas(environment), search: next, resetScroll: next.open === search.open })
  const deltas = list.data?.deltas
  return (
    <>
      <PageHeader
        title="Deltas"
        actions={
          <>
            <LiveButton isPaused={isPaused} isOlder={search.before !== undefined} onChange={setPaused} />
            <ExportButton search={search} />
          </>
        }
      >
        Every change of every balance, newest first. The seal says how far each is proven; open one to see its
        proof.
      </PageHeader>
      <Card>
        <DeltaFilters
          // Made anew where the address changes by itself, so that the fields say what the list shows.
          key={JSON.stringify([search.customerId, search.status, search.search])}
          search={search}
          searchProblem={problem?.detailOf('/search')}
          onChange={(filter) => go({ ...filter, open: search.open })}
        />
        {list.isPending && <Skeleton lines={10} label="Loading deltas" />}
        {problem !== undefined && (
          <ErrorState
            message={messageOf(problem)}
            requestId={problem.requestId}
            onRetry={() => void list.refetch()}
          />
        )}
        {problem === undefined && deltas?.length === 0 && <Nothing search={search} onClear={() => go({})} />}
        {problem === undefined && deltas !== undefined && deltas.length > 0 && (
          <DeltaTable deltas={deltas} search={search} isStale={list.isPlaceholderData} />
        )}
        <Pages
          search={search}
          deltas={deltas ?? []}
          hasMore={list.data?.pagination.hasMore === true}
          onGo={go}
        />
      </Card>
      {search.open !== undefined && (
        <DeltaSheet recordId={search.open} onClose={() => go({ ...search, open: undefined })} />
      )}
    </>
  )
}

function messageOf(problem: ApiProblem): string {
  if (problem.code === 'CUSTOMER_NOT_FOUND')
    return 'No customer has this id in this environment. Ids are matched whole.'
  if (problem.code === 'CONTRACT_NOT_DEPLOYED')
    return 'This environment is not active yet. Activate it in Settings.'
  return problem.detailOf('/search') === undefined
    ? problem.message
    : 'A reference is searched within one customer: name the customer beside it, or search for a whole recordId.'
}

function LiveButton({
  isPaused,
  isOlder,
  onChange,
}: {
  readonly isPaused: boolean
  readonly isOlder: boolean
  readonly onChange: (isPaused: boolean) => void
}) {
  return (
    <Button
      icon={isPaused ? <Play size={15} aria-hidden /> : <Pause size={15} aria-hidden />}
      disabledReason={isOlder ? 'Older deltas do not change; the newest are followed.' : undefined}
      onClick={() => onChange(!isPaused)}
    >
      {isPaused ? 'Follow the newest' : 'Pause'}
    </Button>
  )
}

function Nothing({ search, onClear }: { readonly search: DeltaSearch; readonly onClear: () => void }) {
  if (!isNarrowed(search) && search.before === undefined) return <NoDeltasYet />
  return (
    <EmptyState title="No such deltas" action={<Button onClick={onClear}>Show all deltas</Button>}>
      None fits all that is asked for. Customers, records and references are matched whole.
    </EmptyState>
  )
}

function Pages({
  search,
  deltas,
  hasMore,
  onGo,
}: {
  readonly search: DeltaSearch
  readonly deltas: readonly ListedDelta[]
  readonly hasMore: boolean
  readonly onGo: (search: DeltaSearch) => void
}) {
  const oldest = deltas.at(-1)
  if (search.before === undefined && !hasMore) return null
  return (
    <nav aria-label="Pages of deltas" className="mt-4 flex justify-end gap-2">
      {search.before !== undefined && (
        <Button onClick={() => onGo({ ...search, before: undefined })}>Newest</Button>
      )}
      <Button
        disabledReason={hasMore ? undefined : 'These are the oldest.'}
        onClick={() => oldest !== undefined && onGo({ ...search, before: oldest.anchorId })}
      >
        Older
      </Button>
    </nav>
  )
}
