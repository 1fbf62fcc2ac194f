import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { ApiProblem } from '../api/api-problem.ts'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { Card, PageHeader } from '../ui/Card.tsx'
import { Pager } from '../ui/Pager.tsx'
import { ErrorState, Skeleton } from '../ui/States.tsx'
import { saveFile } from '../ui/save-file.ts'
import { type Column, Table } from '../ui/Table.tsx'
import { Time } from '../ui/Time.tsx'
import { useToast } from '../ui/Toasts.tsx'
import { ActivityFilters } from './ActivityFilters.tsx'
import { type ActivityEntry, activityQuery } from './activity-queries.ts'
import { type ActivitySearch, isFiltered, queryOf, readActivitySearch } from './activity-search.ts'
import { actionTexts, actorText, detailsText } from './activity-text.ts'
import { EntrySheet } from './EntrySheet.tsx'
import { exportActivity } from './export-activity.ts'
import { LogCard } from './LogCard.tsx'
import { LogPosition } from './LogPosition.tsx'

/** What was done in the tenant, by whom and from where. It can be added to and never changed; each entry has its proof. */
export function ActivityPage() {
  const environment = useEnvironment()
  const navigate = useNavigate()
  const search = readActivitySearch(useSearch({ strict: false }))
  const activity = useQuery({ ...activityQuery(queryOf(search)), placeholderData: keepPreviousData })
  const to = paths.activity(environment)
  const go = (next: ActivitySearch) => void navigate({ to, search: { ...next }, replace: true })
  const entries = activity.data?.items
  return (
    <>
      <PageHeader title="Activity" actions={<ExportButton search={search} />}>
        Every change of accounts, keys, members, webhooks, plans and environments. Entries are added and never
        changed: each stands in a signed log and can be checked in this browser.
      </PageHeader>
      <div className="grid gap-4">
        <Card>
          <ActivityFilters search={search} onChange={go} />
          {activity.isPending && <Skeleton lines={8} label="Loading activity" />}
          {activity.error instanceof ApiProblem && (
            <ErrorState
              message={activity.error.message}
              requestId={activity.error.requestId}
              onRetry={() => void activity.refetch()}
            />
          )}
          {entries?.length === 0 && (
            <p className="py-4 text-ink-soft">
              {isFiltered(search)
                ? 'Nothing is like that. Take a filter away.'
                : 'Nothing on this page. Go back to the newest entries.'}
            </p>
          )}
          {activity.data !== undefined && activity.data.items.length > 0 && (
            <>
              <Table
                caption="Activity"
                columns={columnsOf((entry) => ({ to, search: { ...search, entry } }))}
                rows={activity.data.items}
                keyOf={(entry) => entry.id}
                isStale={activity.isPlaceholderData}
              />
              <Pager
                page={activity.data.pagination.page}
                hasMore={activity.data.pagination.page < activity.data.pagination.totalPages}
                text={`Page ${activity.data.pagination.page} of ${activity.data.pagination.totalPages}, ${activity.data.pagination.total} entries`}
                onPage={(page) => go({ ...search, page })}
              />
            </>
          )}
        </Card>
        <LogCard />
      </div>
      {search.entry !== undefined && entries !== undefined && (
        <EntrySheet
          entry={entries.find((one) => one.id === search.entry)}
          onOnly={(filter) => go(filter)}
          onClose={() => go({ ...search, entry: undefined })}
        />
      )}
    </>
  )
}

function ExportButton({ search }: { readonly search: ActivitySearch }) {
  const say = useToast()
  const save = useMutation({
    mutationFn: () => exportActivity(queryOf(search), Date.now()),
    onSuccess: ({ text, count, isCut }) => {
      saveFile('activity.csv', text, 'text/csv')
      say(
        isCut
          ? `The newest ${count} entries are saved; choose days to get the others.`
          : `${count} entries are saved.`,
      )
    },
    onError: (error) => error instanceof ApiProblem && say(error.message, error.requestId),
  })
  return (
    <Button icon={<Download size={15} aria-hidden />} isBusy={save.isPending} onClick={() => save.mutate()}>
      Export CSV
    </Button>
  )
}

function columnsOf(
  linkOf: (entry: string) => { to: string; search: ActivitySearch },
): readonly Column<ActivityEntry>[] {
  return [
    { key: 'time', title: 'Time', cell: (entry) => <Time iso={entry.createdAt} exact /> },
    {
      key: 'what',
      title: 'What',
      cell: (entry) => (
        <span className="min-w-0">
          <Link {...linkOf(entry.id)} className="text-accent underline">
            {actorText(entry.actor)} {actionTexts[entry.action]}
          </Link>
          <span className="block text-ink-soft">{detailsText(entry.details)}</span>
        </span>
      ),
    },
    {
      key: 'environment',
      title: 'Environment',
      isShort: true,
      cell: (entry) => entry.environment ?? <span className="text-ink-soft">tenant</span>,
    },
    {
      key: 'from',
      title: 'From',
      isShort: true,
      cell: (entry) => <span className="numeric">{entry.address ?? '–'}</span>,
    },
    { key: 'log', title: 'In the log', cell: (entry) => <LogPosition logIndex={entry.logIndex} /> },
  ]
}
