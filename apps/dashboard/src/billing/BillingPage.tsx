import { useQuery } from '@tanstack/react-query'
import { call } from '../api/client.ts'
import { getBillingUsage, listBillingPlans } from '../api/endpoints.gen.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { hasRole, useMe } from '../api/session.ts'
import { PageHeader } from '../ui/Card.tsx'
import { Skeleton } from '../ui/States.tsx'
import { InvoicesCard } from './InvoicesCard.tsx'
import { PlanCard } from './PlanCard.tsx'
import { PlansCard } from './PlansCard.tsx'
import { UsageCard } from './UsageCard.tsx'

/** What the month used against the plan, the plans, and the invoices. Everybody sees it, owners change it. */
export function BillingPage() {
  const me = useMe()
  const plans = useQuery({
    queryKey: ['billing', 'plans'],
    queryFn: ({ signal }) => call(listBillingPlans, {}, { signal }),
  })
  const usage = useQuery({
    queryKey: ['billing', 'usage'],
    queryFn: ({ signal }) => call(getBillingUsage, { query: {} }, { signal }),
  })
  const refusal = whyNotChange(me)
  return (
    <>
      <PageHeader title="Usage & billing">
        Deltas count when they are verified. Reading is free.
        {!hasRole(me, 'owner') && ' The plan is changed by owners.'}
      </PageHeader>
      <div className="grid gap-4">
        <PlanCard refusal={refusal} />
        {usage.isPending && <Skeleton lines={4} label="Loading usage" />}
        <ProblemState error={usage.error} onRetry={usage.refetch} />
        {usage.data !== undefined && <UsageCard usage={usage.data} />}
        {plans.isPending && <Skeleton lines={6} label="Loading plans" />}
        <ProblemState error={plans.error} onRetry={plans.refetch} />
        {plans.data !== undefined && <PlansCard plans={plans.data.plans} refusal={refusal} />}
        <InvoicesCard />
      </div>
    </>
  )
}

/** Why somebody may not change the plan; undefined = they may. The server decides: definition/billing.ts. */
function whyNotChange(me: ReturnType<typeof useMe>): string | undefined {
  if (!hasRole(me, 'owner')) return 'The plan is changed by owners.'
  return me.isVerified ? undefined : 'Verify your e-mail address first.'
}
