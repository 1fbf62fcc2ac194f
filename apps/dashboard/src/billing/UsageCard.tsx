import type { DataOf } from '../api/endpoint-ref.ts'
import type { getBillingUsage } from '../api/endpoints.gen.ts'
import { amountText } from '../ui/amount-text.ts'
import { BarChart } from '../ui/BarChart.tsx'
import { Card } from '../ui/Card.tsx'
import { projectedDeltas, usedPercent } from './projection.ts'

type Usage = DataOf<NonNullable<(typeof getBillingUsage)['definition']>>

/** The month against the plan, in numbers and by day, and where it is going. */
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
      <Meter usage={usage} />
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

/** How full the month is, and how full it will be. Free counts for life: there a month's pace says nothing. */
function Meter({ usage }: { readonly usage: Usage }) {
  const { tier, includedDeltas, consumedDeltas, remainingDeltas, period } = usage
  const used =
    tier === 'free' && includedDeltas !== null && remainingDeltas !== null
      ? includedDeltas - remainingDeltas
      : consumedDeltas
  const percent = usedPercent(used, includedDeltas)
  const projected = tier === 'free' ? undefined : projectedDeltas(consumedDeltas, period, Date.now())
  if (percent === undefined || includedDeltas === null) return null
  return (
    <div className="mb-4">
      {/* biome-ignore lint/a11y/useSemanticElements: browsers give <meter> colours of their own, which no theme reaches */}
      <div
        role="meter"
        aria-label="Used of what is included"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.min(100, percent)}
        aria-valuetext={`${percent} %`}
        className="h-2 overflow-hidden rounded bg-line"
      >
        <div
          className={percent >= 80 ? 'h-full bg-failed' : 'h-full bg-accent'}
          style={{ width: `${Math.min(100, percent)}%` }}
        />
      </div>
      <p className="mt-1 text-[13px] text-ink-soft">
        {percent} % of {amountText(String(includedDeltas))} {tier === 'free' ? 'for life' : 'this month'}
        {projected !== undefined && (
          <>
            {' '}
            · at this pace {amountText(String(projected))} by the end of the month
            {projected > includedDeltas && `, ${amountText(String(projected - includedDeltas))} over`}
          </>
        )}
      </p>
    </div>
  )
}
