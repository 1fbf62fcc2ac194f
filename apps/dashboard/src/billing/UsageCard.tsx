import type { DataOf } from '../api/endpoint-ref.ts'
import type { getBillingUsage } from '../api/endpoints.gen.ts'
import { amountText } from '../ui/amount-text.ts'
import { BarChart } from '../ui/BarChart.tsx'
import { Card } from '../ui/Card.tsx'

type Usage = DataOf<NonNullable<(typeof getBillingUsage)['definition']>>

/** The month against the plan, in numbers and by day. */
export function UsageCard({ usage }: { readonly usage: Usage }) {
  const count = (value: number | null) => (value === null ? 'by contract' : amountText(String(value)))
  const facts = [
    { title: 'Verified', text: count(usage.consumedDeltas) },
    { title: 'Accepted, not verified yet', text: count(usage.reservedDeltas) },
    { title: 'Included', text: count(usage.includedDeltas) },
    { title: 'Remaining', text: count(usage.remainingDeltas) },
    { title: 'Over', text: count(usage.overageCount) },
    { title: 'Charges for those, US$', text: amountText(usage.overageChargesUsd) },
  ]
  return (
    <Card title={`Usage in ${usage.period}`}>
      <dl className="mb-4 grid grid-cols-2 gap-4 min-[700px]:grid-cols-3 min-[1100px]:grid-cols-6">
        {facts.map(({ title, text }) => (
          <div key={title}>
            <dt className="text-[13px] text-ink-soft">{title}</dt>
            <dd className="numeric text-[18px]">{text}</dd>
          </div>
        ))}
      </dl>
      <BarChart
        title="Verified deltas by day"
        bars={usage.days.map((day) => ({ label: day.date, value: day.consumedDeltas }))}
      />
    </Card>
  )
}
