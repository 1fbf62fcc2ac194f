import type { ReactNode } from 'react'
import { Amount } from '../ui/Amount.tsx'
import { amountText } from '../ui/amount-text.ts'
import { Card } from '../ui/Card.tsx'
import { Hash } from '../ui/Hash.tsx'
import { Time } from '../ui/Time.tsx'
import type { Summary, Verification } from './overview-queries.ts'

/** The environment in a few numbers. */
export function LedgerFigures({
  summary,
  latency,
}: {
  readonly summary: Summary
  readonly latency: Verification['latency']
}) {
  const count = (value: number) => <span className="numeric">{amountText(String(value))}</span>
  const facts: { title: string; content: ReactNode; note?: ReactNode }[] = [
    {
      title: 'All balances together',
      content: <Amount value={summary.totalBalance} />,
      note: 'of verified deltas',
    },
    { title: 'Customers', content: count(summary.totalCustomers) },
    {
      title: 'Verified deltas',
      content: count(summary.verifiedDeltas),
      note: summary.pendingDeltas > 0 ? `${summary.pendingDeltas} on their way` : 'none is waiting',
    },
    {
      title: 'From accepted to verified',
      content: (
        <span className="numeric">{latency === null ? 'none yet' : millisText(latency.medianMs)}</span>
      ),
      note:
        latency === null
          ? undefined
          : `median; 95 % within ${millisText(latency.p95Ms)}, of the last ${latency.samples}`,
    },
    {
      title: 'Signed head of the log',
      content:
        summary.logCheckpoint === null ? (
          'none yet'
        ) : (
          <Hash value={summary.logCheckpoint.root} label="root of the log" />
        ),
      note:
        summary.lastVerifiedAt === null || summary.logCheckpoint === null ? undefined : (
          <>
            {amountText(String(summary.logCheckpoint.size))} entries, anchored{' '}
            <Time iso={summary.lastVerifiedAt} />
          </>
        ),
    },
  ]
  return (
    <Card>
      <dl className="grid grid-cols-2 gap-4 min-[1100px]:grid-cols-[minmax(max-content,1fr)_repeat(4,minmax(0,1fr))]">
        {facts.map(({ title, content, note }, index) => (
          // The sum is exact, so it may be long.
          <div key={title} className={index === 0 ? 'min-w-0 max-[1099px]:col-span-2' : 'min-w-0'}>
            <dt className="text-[13px] text-ink-soft">{title}</dt>
            <dd>
              <span className="block text-[18px]">{content}</span>
              {note !== undefined && <span className="text-[13px] text-ink-soft">{note}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}

/** `85 ms`, `1.25 s`. */
function millisText(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(2)} s`
}
