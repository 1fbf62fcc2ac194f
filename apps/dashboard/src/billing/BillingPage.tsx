import { useQuery } from '@tanstack/react-query'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { getBillingUsage, listBillingPlans } from '../api/endpoints.gen.ts'
import { hasRole, useMe } from '../api/session.ts'
import { PageHeader } from '../ui/Card.tsx'
import { EmptyState, ErrorState, Skeleton } from '../ui/States.tsx'
import { InvoicesCard } from './InvoicesCard.tsx'
import { PlansCard } from './PlansCard.tsx'
import { UsageCard } from './UsageCard.tsx'

/** What the month used against the plan, the plans, and the invoices. The owner's. */
export function BillingPage() {
  const me = useMe()
  const isOwner = hasRole(me, 'owner')
  const plans = useQuery({
    queryKey: ['billing', 'plans'],
    queryFn: ({ signal }) => call(listBillingPlans, {}, { signal }),
    enabled: isOwner,
  })
  const usage = useQuery({
    queryKey: ['billing', 'usage'],
    queryFn: ({ signal }) => call(getBillingUsage, { query: {} }, { signal }),
    enabled: isOwner,
  })
  const failed = [plans, usage].find((query) => query.error instanceof ApiProblem)
  if (!isOwner) {
    return (
      <>
        <PageHeader title="Usage & billing" />
        <EmptyState title="This page is the owner's">
          Plans, usage and invoices are seen and changed by owners of {me.tenant.companyName}.
        </EmptyState>
      </>
    )
  }
  return (
    <>
      <PageHeader title="Usage & billing">Deltas count when they are verified. Reading is free.</PageHeader>
      {failed?.error instanceof ApiProblem && (
        <ErrorState
          message={failed.error.message}
          requestId={failed.error.requestId}
          onRetry={() => void failed.refetch()}
        />
      )}
      <div className="grid gap-4">
        {usage.data === undefined ? (
          <Skeleton lines={4} label="Loading usage" />
        ) : (
          <UsageCard usage={usage.data} />
        )}
        {plans.data === undefined ? (
          <Skeleton lines={6} label="Loading plans" />
        ) : (
          <PlansCard plans={plans.data.plans} />
        )}
        <InvoicesCard />
      </div>
    </>
  )
}
