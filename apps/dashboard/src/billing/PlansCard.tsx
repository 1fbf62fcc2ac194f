import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import type { DataOf } from '../api/endpoint-ref.ts'
import { changeSubscription, type listBillingPlans } from '../api/endpoints.gen.ts'
import { meQuery } from '../api/session.ts'
import { amountText } from '../ui/amount-text.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorState } from '../ui/States.tsx'
import { type Column, Table } from '../ui/Table.tsx'
import { useToast } from '../ui/Toasts.tsx'
import { titleOf } from './tier-title.ts'

type Plan = DataOf<NonNullable<(typeof listBillingPlans)['definition']>>['plans'][number]
type PaidTier = Exclude<Plan['tier'], 'free' | 'enterprise'>

interface PlansCardProps {
  readonly plans: readonly Plan[]
  /** Why the plan may not be changed; undefined = it may. */
  readonly refusal: string | undefined
}

/** All plans as published, and the change to another one. */
export function PlansCard({ plans, refusal }: PlansCardProps) {
  const [chosen, setChosen] = useState<PaidTier>()
  const columns: Column<Plan>[] = [
    { key: 'tier', title: 'Plan', cell: (plan) => <span className="font-medium">{titleOf(plan.tier)}</span> },
    {
      key: 'price',
      title: 'US$ a month',
      isNumeric: true,
      cell: (plan) => (
        <span className="numeric">
          {plan.planPriceUsd === null ? 'by contract' : amountText(plan.planPriceUsd)}
        </span>
      ),
    },
    {
      key: 'included',
      title: 'Verified deltas',
      isNumeric: true,
      cell: (plan) => <span className="numeric">{includedText(plan)}</span>,
    },
    {
      key: 'overage',
      title: 'US$ for each one over',
      isNumeric: true,
      cell: (plan) => (
        <span className="numeric">
          {plan.overagePriceUsd === null ? '–' : amountText(plan.overagePriceUsd)}
        </span>
      ),
    },
    {
      key: 'production',
      title: 'Production',
      cell: (plan) => (plan.hasProduction ? 'Included' : 'Sandbox only'),
    },
    {
      key: 'choose',
      title: '',
      cell: (plan) => <Choice plan={plan} refusal={refusal} onChoose={setChosen} />,
    },
  ]
  return (
    <Card title="Plans">
      <Table caption="Plans" columns={columns} rows={plans} keyOf={(plan) => plan.tier} />
      {chosen !== undefined && <ChangeDialog tier={chosen} onClose={() => setChosen(undefined)} />}
    </Card>
  )
}

function Choice({
  plan,
  refusal,
  onChoose,
}: {
  readonly plan: Plan
  readonly refusal: string | undefined
  readonly onChoose: (tier: PaidTier) => void
}) {
  const { tier } = plan
  if (plan.isCurrent) return <span className="text-ink-soft">Your plan</span>
  if (tier === 'free') return null
  if (tier === 'enterprise') {
    return (
      <a href="mailto:sales@pacspace.io" className="text-accent underline">
        Talk to us
      </a>
    )
  }
  return (
    <Button onClick={() => onChoose(tier)} disabledReason={refusal}>
      Choose {titleOf(tier)}
    </Button>
  )
}

function ChangeDialog({ tier, onClose }: { readonly tier: PaidTier; readonly onClose: () => void }) {
  const say = useToast()
  const queryClient = useQueryClient()
  const change = useMutation({
    mutationFn: () => call(changeSubscription, { body: { tier } }),
    onSuccess: async ({ checkoutUrl }) => {
      if (checkoutUrl !== null) {
        window.location.assign(checkoutUrl)
        return
      }
      say(`Your plan is ${titleOf(tier)} now.`)
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
      title={`Change to ${titleOf(tier)}`}
      description="The change takes effect at once, for the whole tenant. Production can be activated in Settings afterwards."
    >
      {change.error instanceof ApiProblem && (
        <ErrorState message={change.error.message} requestId={change.error.requestId} />
      )}
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" isBusy={change.isPending} onClick={() => change.mutate()}>
          Change to {titleOf(tier)}
        </Button>
      </div>
    </Dialog>
  )
}

function includedText(plan: Plan): string {
  if (plan.lifetimeCap !== null) return `${plan.lifetimeCap} for life`
  return plan.monthlyAllotment === null
    ? 'by contract'
    : `${amountText(String(plan.monthlyAllotment))} a month`
}
