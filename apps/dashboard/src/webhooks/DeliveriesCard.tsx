import { webhookEventTypes } from '@pacspace/api/webhook-event'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ApiProblem } from '../api/api-problem.ts'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { SelectField } from '../ui/Field.tsx'
import { Pager } from '../ui/Pager.tsx'
import { EmptyState, ErrorState, Skeleton } from '../ui/States.tsx'
import { type Column, Table } from '../ui/Table.tsx'
import { Time } from '../ui/Time.tsx'
import { DeliverySheet } from './DeliverySheet.tsx'
import { DeliveryStateText, deliveryStates } from './DeliveryStateText.tsx'
import { type DeliverySearch, filterOf, readDeliverySearch } from './delivery-search.ts'
import { type Delivery, deliveriesQuery, type Webhook } from './webhook-queries.ts'

interface DeliveriesCardProps {
  readonly webhook: Webhook
  readonly onRecover: () => void
}

/** What was sent to an endpoint, newest first; a row opens its attempts. Filters, page and row are in the address. */
export function DeliveriesCard({ webhook, onRecover }: DeliveriesCardProps) {
  const environment = useEnvironment()
  const navigate = useNavigate()
  const search = readDeliverySearch(useSearch({ strict: false }))
  const deliveries = useQuery({
    ...deliveriesQuery(environment, webhook.id, filterOf(search)),
    placeholderData: keepPreviousData,
  })
  const to = paths.webhook(environment, webhook.id)
  const go = (next: DeliverySearch) => void navigate({ to, search: { ...next }, replace: true })
  const page = deliveries.data
  const isFiltered = search.status !== undefined || search.event !== undefined
  return (
    <Card title="Deliveries" action={<Button onClick={onRecover}>Send failures again …</Button>}>
      <Filters search={search} onChange={go} />
      {deliveries.isPending && <Skeleton lines={6} label="Loading deliveries" />}
      {deliveries.error instanceof ApiProblem && (
        <ErrorState
          message={deliveries.error.message}
          requestId={deliveries.error.requestId}
          onRetry={() => void deliveries.refetch()}
        />
      )}
      {page?.deliveries.length === 0 &&
        (isFiltered ? (
          <p className="py-4 text-ink-soft">No delivery is like that. Choose another state or event.</p>
        ) : (
          <EmptyState title="Nothing was sent yet">
            Events are sent as deltas are verified. To see one now, send a test event.
          </EmptyState>
        ))}
      {page !== undefined && page.deliveries.length > 0 && (
        <>
          <Table
            caption="Deliveries"
            columns={columnsOf((eventId) => ({ to, search: { ...search, delivery: eventId } }))}
            rows={page.deliveries}
            keyOf={(delivery) => delivery.eventId}
            isStale={deliveries.isPlaceholderData}
          />
          <Pager
            page={search.page ?? 1}
            hasMore={page.pagination.hasMore}
            text={pageText(page.pagination.offset, page.deliveries.length, page.pagination.total)}
            onPage={(next) => go({ ...search, page: next })}
          />
        </>
      )}
      {search.delivery !== undefined && page !== undefined && (
        <DeliverySheet
          webhook={webhook}
          eventId={search.delivery}
          delivery={page.deliveries.find((one) => one.eventId === search.delivery)}
          onClose={() => go({ ...search, delivery: undefined })}
        />
      )}
    </Card>
  )
}

function Filters({
  search,
  onChange,
}: {
  readonly search: DeliverySearch
  readonly onChange: (next: DeliverySearch) => void
}) {
  return (
    <div className="mb-3 grid grid-cols-2 gap-3 min-[700px]:flex">
      <SelectField
        label="State"
        value={search.status ?? ''}
        onChange={({ target }) => onChange(readDeliverySearch({ ...search, status: target.value, page: 1 }))}
      >
        <option value="">Any</option>
        {deliveryStates.map(({ state, word }) => (
          <option key={state} value={state}>
            {word}
          </option>
        ))}
      </SelectField>
      <SelectField
        label="Event"
        value={search.event ?? ''}
        onChange={({ target }) => onChange(readDeliverySearch({ ...search, event: target.value, page: 1 }))}
      >
        <option value="">Any</option>
        {webhookEventTypes.map((event) => (
          <option key={event}>{event}</option>
        ))}
      </SelectField>
    </div>
  )
}

function columnsOf(linkOf: (eventId: string) => { to: string; search: DeliverySearch }): Column<Delivery>[] {
  return [
    {
      key: 'event',
      title: 'Event',
      cell: (delivery) => (
        <span className="min-w-0">
          <Link {...linkOf(delivery.eventId)} className="block text-accent underline">
            {delivery.event}
          </Link>
          <code className="numeric text-[12px] break-all text-ink-soft">{delivery.eventId}</code>
        </span>
      ),
    },
    {
      key: 'state',
      title: 'State',
      cell: (delivery) => <DeliveryStateText state={delivery.deliveryState} />,
    },
    { key: 'answer', title: 'Last answer', cell: (delivery) => <LastAnswer delivery={delivery} /> },
    {
      key: 'latency',
      title: 'Latency, ms',
      isNumeric: true,
      cell: (delivery) => <span className="numeric">{delivery.attempts.at(-1)?.latencyMs ?? '–'}</span>,
    },
    {
      key: 'attempts',
      title: 'Attempts',
      isNumeric: true,
      cell: (delivery) => <span className="numeric">{delivery.attemptCount}</span>,
    },
    { key: 'created', title: 'Created', cell: (delivery) => <Time iso={delivery.createdAt} exact /> },
  ]
}

function LastAnswer({ delivery }: { readonly delivery: Delivery }) {
  const last = delivery.attempts.at(-1)
  if (last === undefined) return <span className="text-ink-soft">none yet</span>
  return <span>{last.status ?? last.error ?? 'no answer'}</span>
}

/** Which rows these are. The server counts to 10,000 and no further. */
function pageText(offset: number, count: number, total: number): string {
  const last = offset + count
  return `${offset + 1}–${last} of ${total >= COUNTED_MAX ? `${COUNTED_MAX} or more` : total}`
}

const COUNTED_MAX = 10_000
