import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import { isProblem } from '../api/api-problem.ts'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { useMe } from '../api/session.ts'
import { Card, PageHeader } from '../ui/Card.tsx'
import { Skeleton } from '../ui/States.tsx'
import { type Alert, alertsOf } from './alerts.ts'
import { BalancesCard } from './BalancesCard.tsx'
import { GoingLiveCard } from './GoingLiveCard.tsx'
import { LedgerFigures } from './LedgerFigures.tsx'
import {
  someCustomersQuery,
  summaryQuery,
  usageQuery,
  verificationQuery,
  webhooksQuery,
} from './overview-queries.ts'
import { UsageCard } from './UsageCard.tsx'
import { VerificationCards } from './VerificationCards.tsx'

/** How the environment stands: what is wrong, what there is, how verification goes, and how much of the plan is used. */
export function OverviewPage() {
  const me = useMe()
  const environment = useEnvironment()
  const summary = useQuery(summaryQuery(environment))
  const verification = useQuery(verificationQuery(environment))
  const usage = useQuery(usageQuery)
  const webhooks = useQuery(webhooksQuery(environment))
  const customers = useQuery(someCustomersQuery(environment))
  const alerts = alertsOf({
    environment,
    me,
    summary: summary.data,
    usage: usage.data,
    webhooks: webhooks.data?.items ?? [],
  })
  const isNew = summary.data?.totalDeltas === 0
  const isBeingSetUp = isProblem(summary.error, 'CONTRACT_NOT_DEPLOYED')
  const header = <PageHeader title="Overview">{me.tenant.companyName}</PageHeader>
  // All at once: cards that grew one after the other would push each other about at every switch of the environment.
  if ([summary, verification, usage, webhooks, customers].some((query) => query.isPending)) {
    return (
      <>
        {header}
        <Card>
          <Skeleton lines={12} label="Loading the overview" />
        </Card>
      </>
    )
  }
  return (
    <>
      {header}
      <div className="grid grid-cols-1 gap-4">
        {alerts.length > 0 && <Alerts alerts={alerts} />}
        {(isNew || isBeingSetUp) && <GoingLiveCard />}
        {summary.data === undefined && !isBeingSetUp ? (
          <Card>
            <ProblemState error={summary.error} onRetry={() => summary.refetch()} />
          </Card>
        ) : (
          summary.data !== undefined && (
            <LedgerFigures summary={summary.data} latency={verification.data?.latency ?? null} />
          )
        )}
        {summary.data !== undefined && !isNew && (
          <>
            <VerificationCards verification={verification.data} error={verification.error} />
            <BalancesCard />
          </>
        )}
        {usage.data !== undefined && <UsageCard usage={usage.data} />}
        {!isNew && !isBeingSetUp && <GoingLiveCard hiddenWhenDone />}
      </div>
    </>
  )
}

function Alerts({ alerts }: { readonly alerts: readonly Alert[] }) {
  return (
    <section aria-label="What needs you" className="grid gap-2">
      {alerts.map(({ key, title, text, link }) => (
        <div
          key={key}
          role="status"
          className="flex flex-wrap items-start gap-x-3 gap-y-1 rounded-[8px] border border-failed bg-surface p-4"
        >
          <TriangleAlert size={18} aria-hidden className="mt-0.5 shrink-0 text-failed" />
          <div className="min-w-0 flex-1 basis-[240px]">
            <p className="font-medium">{title}</p>
            <p className="max-w-[72ch] text-ink-soft">{text}</p>
          </div>
          {link !== undefined && (
            <Link to={link.to} search={link.search ?? {}} className="shrink-0 text-accent underline">
              {link.text}
            </Link>
          )}
        </div>
      ))}
    </section>
  )
}
