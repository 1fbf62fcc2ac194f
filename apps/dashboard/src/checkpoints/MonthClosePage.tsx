import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CustomerField } from '../api/CustomerField.tsx'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { useSearchParams } from '../api/search-params.ts'
import { paths } from '../paths.ts'
import { Card, PageHeader } from '../ui/Card.tsx'
import { SelectField } from '../ui/Field.tsx'
import { finishedMonths, monthName } from '../ui/month.ts'
import { Skeleton } from '../ui/States.tsx'
import { CheckpointFacts } from './CheckpointFacts.tsx'
import { CloseCard } from './CloseCard.tsx'
import { checkpointsQuery, isPending } from './checkpoint-queries.ts'

const MONTHS_OFFERED = 24

/** Closes a month: what will be locked, the doing of it, and then the root and who can check it. */
export function MonthClosePage() {
  const environment = useEnvironment()
  const [search, change] = useSearchParams()
  const months = finishedMonths(Date.now(), MONTHS_OFFERED)
  const month = months.find((each) => each === search.month) ?? months[0] ?? ''
  const customerId = search.customer ?? ''
  const found = useQuery(checkpointsQuery(environment, { customerId, period: month, page: 1 }))
  const closed = found.isPlaceholderData
    ? undefined
    : found.data?.checkpoints.find(
        (one) => one.closed && one.period === month && (one.customerId ?? '') === customerId,
      )
  const whose = customerId === '' ? 'all customers' : customerId
  return (
    <>
      <nav aria-label="Breadcrumb" className="mb-1 text-[13px]">
        <Link to={paths.checkpoints(environment)} className="text-accent underline">
          Checkpoints
        </Link>
      </nav>
      <PageHeader title="Close a month">
        Both sides get one root for the whole month. It can be checked by anybody, and never changes.
      </PageHeader>
      <div className="grid max-w-[860px] grid-cols-1 gap-4">
        <Card title="1. Which month, and whose">
          <div className="grid gap-4 min-[700px]:grid-cols-2">
            <SelectField
              label="Month (UTC)"
              value={month}
              onChange={(event) => change({ month: event.target.value }, { replace: true })}
            >
              {months.map((each) => (
                <option key={each} value={each}>
                  {monthName(each)}
                </option>
              ))}
            </SelectField>
            <CustomerField
              label="Customer"
              hint="Empty: all customers together, under one root."
              value={customerId}
              onChange={(customer) => change({ customer }, { replace: true })}
            />
          </div>
        </Card>
        {found.isPending && <Skeleton lines={4} label="Loading what is closed already" />}
        {found.data === undefined && <ProblemState error={found.error} onRetry={() => found.refetch()} />}
        {found.data !== undefined && closed === undefined && !found.isPlaceholderData && (
          <CloseCard month={month} customerId={customerId} />
        )}
        {closed !== undefined && (
          <Card title={`2. ${monthName(month)} is closed for ${whose}`}>
            <p aria-live="polite" className="mb-4 max-w-[72ch] text-ink-soft">
              {isPending(closed)
                ? 'The cut is made; its root is being computed, signed and anchored. This takes a moment.'
                : 'Its root is anchored outside the database. Hand on the link below.'}
            </p>
            <CheckpointFacts checkpoint={closed} />
          </Card>
        )}
      </div>
    </>
  )
}
