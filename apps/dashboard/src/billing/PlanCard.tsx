import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import type { DataOf } from '../api/endpoint-ref.ts'
import { cancelSubscription, getBillingPlan, openBillingPortal } from '../api/endpoints.gen.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { meQuery } from '../api/session.ts'
import { amountText } from '../ui/amount-text.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { Skeleton } from '../ui/States.tsx'
import { Time } from '../ui/Time.tsx'
import { useToast } from '../ui/Toasts.tsx'
import { titleOf } from './tier-title.ts'

type Plan = DataOf<NonNullable<(typeof getBillingPlan)['definition']>>

/** The plan of the tenant, who collects the money, and the way back to Free. `refusal`: why it may not be changed. */
export function PlanCard({ refusal }: { readonly refusal: string | undefined }) {
  const plan = useQuery({
    queryKey: ['billing', 'plan'],
    queryFn: ({ signal }) => call(getBillingPlan, {}, { signal }),
  })
  return (
    <Card title="Your plan">
      {plan.isPending && <Skeleton lines={2} label="Loading your plan" />}
      <ProblemState error={plan.error} onRetry={plan.refetch} />
      {plan.data !== undefined && <PlanFacts plan={plan.data} refusal={refusal} />}
    </Card>
  )
}

function PlanFacts({ plan, refusal }: { readonly plan: Plan; readonly refusal: string | undefined }) {
  const say = useToast()
  const [isCancelling, setCancelling] = useState(false)
  const portal = useMutation({
    mutationFn: () => call(openBillingPortal, {}),
    onSuccess: ({ portalUrl }) => window.location.assign(portalUrl),
    onError: (error) => error instanceof ApiProblem && say(error.message, error.requestId),
  })
  const isPaid = plan.tier !== 'free' && plan.tier !== 'enterprise'
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <div>
        <p className="text-[18px] font-medium">{titleOf(plan.tier)}</p>
        <p className="text-ink-soft">
          {priceText(plan)}
          {plan.cancelAtPeriodEnd && plan.stripeCurrentPeriodEnd !== null && (
            <>
              . Cancelled: Free from <Time iso={plan.stripeCurrentPeriodEnd} exact />
            </>
          )}
        </p>
      </div>
      {isPaid && (
        <div className="flex flex-wrap gap-2">
          {plan.provider === 'stripe' && (
            <Button disabledReason={refusal} isBusy={portal.isPending} onClick={() => portal.mutate()}>
              Payment method and receipts
            </Button>
          )}
          {!plan.cancelAtPeriodEnd && (
            <Button look="danger" disabledReason={refusal} onClick={() => setCancelling(true)}>
              Cancel the plan
            </Button>
          )}
        </div>
      )}
      {isCancelling && <CancelDialog plan={plan} onClose={() => setCancelling(false)} />}
    </div>
  )
}

function CancelDialog({ plan, onClose }: { readonly plan: Plan; readonly onClose: () => void }) {
  const say = useToast()
  const queryClient = useQueryClient()
  const cancel = useMutation({
    mutationFn: () => call(cancelSubscription, {}),
    onSuccess: async (next) => {
      say(
        next.cancelAtPeriodEnd ? 'Your plan ends with the period that is paid for.' : 'You are on Free now.',
      )
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: meQuery.queryKey }),
        queryClient.invalidateQueries({ queryKey: ['billing'] }),
      ])
      onClose()
    },
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Cancel ${titleOf(plan.tier)}`}
      description={
        plan.provider === 'stripe'
          ? 'The plan goes on until the period that is paid for ends; then Production takes no more writes. Reading and verifying go on, and nothing is deleted.'
          : 'It takes effect at once: Production takes no more writes. Reading and verifying go on, and nothing is deleted.'
      }
    >
      <ProblemState error={cancel.error} />
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={onClose}>Keep the plan</Button>
        <Button look="danger" isBusy={cancel.isPending} onClick={() => cancel.mutate()}>
          Cancel the plan
        </Button>
      </div>
    </Dialog>
  )
}

function priceText({ tier, planPriceUsd, monthlyAllotment }: Plan): string {
  if (planPriceUsd === null) return 'By contract'
  if (tier === 'free') return 'Sandbox only, no charge'
  const included = monthlyAllotment === null ? 'by contract' : amountText(String(monthlyAllotment))
  return `US$ ${amountText(planPriceUsd)} a month, ${included} verified deltas included`
}
