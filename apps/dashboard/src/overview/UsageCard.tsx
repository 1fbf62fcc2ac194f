import { Link } from '@tanstack/react-router'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { amountText } from '../ui/amount-text.ts'
import { Card } from '../ui/Card.tsx'
import { monthName } from '../ui/month.ts'
import type { Usage } from './overview-queries.ts'
import { dayUsedUp, type Projection, projectionOf } from './projection.ts'

/** How much of the plan is used, and where it goes if it goes on like this. */
export function UsageCard({ usage }: { readonly usage: Usage }) {
  const environment = useEnvironment()
  const now = Date.now()
  const projection = projectionOf(usage.days, usage.period, now)
  const { includedDeltas: included, remainingDeltas: remaining } = usage
  const isForLife = usage.tier === 'free'
  // Free counts for life: what is not left is used.
  const used =
    isForLife && included !== null && remaining !== null ? included - remaining : usage.consumedDeltas
  const end = isForLife ? used : Math.max(used, projection.atMonthEnd)
  return (
    <Card
      title="Usage against your plan"
      action={
        <Link to={paths.billing(environment)} className="text-accent underline">
          Usage & billing
        </Link>
      }
    >
      <p className="mb-2">
        <span className="numeric text-[18px]">{amountText(String(used))}</span>
        {included === null ? (
          ' verified deltas this month, by contract'
        ) : (
          <>
            {' '}
            of <span className="numeric">{amountText(String(included))}</span> deltas
            {isForLife ? ' for life' : ` in ${monthName(usage.period)}`}
          </>
        )}
      </p>
      {included !== null && included > 0 && <Gauge used={used} end={end} included={included} />}
      <p className="mt-2 max-w-[72ch] text-ink-soft">
        {isForLife
          ? textForLife(remaining ?? 0, projection, now)
          : `${textOfMonth(included, projection, monthName(usage.period))} Production counts; the Sandbox is free.`}
      </p>
    </Card>
  )
}

function textForLife(remaining: number, { pace }: Projection, nowMs: number): string {
  if (remaining === 0) return 'Used up: writes are refused until you upgrade.'
  const day = dayUsedUp(remaining, pace, nowMs)
  return day === undefined
    ? `${remaining} are left.`
    : `${remaining} are left. As it went in the last days they are used up on ${day}.`
}

function textOfMonth(included: number | null, { atMonthEnd }: Projection, month: string): string {
  const end = amountText(String(atMonthEnd))
  if (included === null || atMonthEnd <= included)
    return `As it went in the last days, ${month} ends at ${end}.`
  return `As it went in the last days, ${month} ends at ${end}: ${amountText(String(atMonthEnd - included))} beyond what is included.`
}

const WIDTH = 400
const HEIGHT = 12

/** Used and expected against what is included; the text beside it says the same. */
function Gauge({
  used,
  end,
  included,
}: {
  readonly used: number
  readonly end: number
  readonly included: number
}) {
  const scale = WIDTH / Math.max(included, end)
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden
      className="h-3 w-full max-w-[720px]"
    >
      <rect width={WIDTH} height={HEIGHT} rx={2} className="fill-line" />
      <rect width={end * scale} height={HEIGHT} rx={2} className="fill-accent opacity-40" />
      <rect width={used * scale} height={HEIGHT} rx={2} className="fill-accent" />
      <rect x={Math.max(0, included * scale - 2)} width={2} height={HEIGHT} className="fill-ink" />
    </svg>
  )
}
