import { ProblemState } from '../api/ProblemState.tsx'
import { BarChart } from '../ui/BarChart.tsx'
import { Card } from '../ui/Card.tsx'
import { Skeleton } from '../ui/States.tsx'
import type { Verification } from './overview-queries.ts'

/** Verified deltas of each day, and how long they took. */
export function VerificationCards({
  verification,
  error,
}: {
  readonly verification: Verification | undefined
  readonly error: unknown
}) {
  if (verification === undefined) {
    return (
      <Card title="Verification">
        {error === null ? <Skeleton lines={5} label="Loading the days" /> : <ProblemState error={error} />}
      </Card>
    )
  }
  const { days } = verification
  return (
    <div className="grid grid-cols-1 gap-4 min-[1100px]:grid-cols-2">
      <Card title="Verified per day">
        <BarChart
          title="Deltas by the day on which they were accepted (UTC)"
          bars={days.map(({ date, verified }) => ({ label: date, value: verified }))}
        />
      </Card>
      <Card title="Verification latency">
        <BarChart
          title="Milliseconds for 95 % of a day’s deltas"
          bars={days.map(({ date, latency }) => ({ label: date, value: latency?.p95Ms ?? 0 }))}
        />
        <p className="mt-1 text-[13px] text-ink-soft">Of at most 100 deltas a day, evenly spaced.</p>
      </Card>
    </div>
  )
}
