import { CircleCheck, CircleDashed, OctagonX } from 'lucide-react'
import type { ReactNode } from 'react'
import { Amount } from '../ui/Amount.tsx'
import { classes } from '../ui/classes.ts'
import { Time } from '../ui/Time.tsx'
import { type FoundRoot, isPending, type RootAnswer } from './verify-queries.ts'

/** What the server says of a root: whether it holds, what of, by whom, as of when. */
export function RootVerdict({ found: { answer } }: { readonly found: FoundRoot }) {
  const { icon: Icon, colour, border, title } = lookOf(answer)
  return (
    <section
      className={classes('rounded-[8px] border bg-surface p-4', border)}
      data-verified={answer.verified}
    >
      <h2 className={classes('flex items-center gap-2 text-[16px] font-semibold', colour)}>
        <Icon size={20} aria-hidden className="shrink-0" />
        {title}
      </h2>
      {answer.message !== null && <p className="mt-1 max-w-[72ch]">{answer.message}</p>}
      {answer.discrepancies.length > 0 && (
        <ul className="mt-2 list-disc pl-5 text-failed">
          {answer.discrepancies.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
      {answer.summary !== null && <Summary summary={answer.summary} />}
      <ByWhom answer={answer} />
    </section>
  )
}

function lookOf(answer: RootAnswer) {
  if (answer.verified) {
    const title = 'The server has recomputed it: it holds'
    return { icon: CircleCheck, colour: 'text-verified', border: 'border-verified', title }
  }
  if (isPending(answer)) {
    const title = 'Recorded, not verified yet'
    return { icon: CircleDashed, colour: 'text-pending', border: 'border-line-strong', title }
  }
  return {
    icon: OctagonX,
    colour: 'text-failed',
    border: 'border-failed',
    title: 'It does not hold: do not rely on it',
  }
}

function Summary({ summary }: { readonly summary: NonNullable<RootAnswer['summary']> }) {
  return (
    <dl className="mt-4 grid gap-x-8 gap-y-3 min-[520px]:grid-cols-2 min-[900px]:grid-cols-3">
      <Fact name="Balance at the end" isWide>
        <span className="text-[20px]">
          <Amount value={summary.endingBalance} />
        </span>
      </Fact>
      <Fact name="Balance at the beginning">
        <Amount value={summary.startingBalance} />
      </Fact>
      <Fact name="Change">
        <Amount value={summary.netChange} isChange />
      </Fact>
      <Fact name="Records">
        <span className="numeric">{summary.recordCount}</span>
      </Fact>
      {summary.firstRecordAt !== null && (
        <Fact name="First record">
          <Time iso={summary.firstRecordAt} exact />
        </Fact>
      )}
      {summary.lastRecordAt !== null && (
        <Fact name="Last record">
          <Time iso={summary.lastRecordAt} exact />
        </Fact>
      )}
    </dl>
  )
}

function ByWhom({ answer: { verification, verified } }: { readonly answer: RootAnswer }) {
  const { publicLedgerUrl, logCheckpoint, anchors, reference } = verification
  return (
    <dl className="mt-4 grid gap-x-8 gap-y-3 border-t border-line pt-4 min-[520px]:grid-cols-2">
      <Fact name="Committed to by">
        {publicLedgerUrl === null ? (
          <span className="text-ink-soft">no log yet</span>
        ) : (
          <a href={publicLedgerUrl} className="text-accent underline break-all">
            {`the public log ${new URL(publicLedgerUrl).pathname.split('/')[2]}`}
          </a>
        )}
        {reference !== null && <span className="numeric text-ink-soft"> · entry {reference}</span>}
      </Fact>
      <Fact name="As of">
        {logCheckpoint === null ? (
          <span className="text-ink-soft">nothing is signed over it yet</span>
        ) : (
          `the signed head of ${logCheckpoint.size} entries`
        )}
      </Fact>
      <Fact name="Published outside the database">
        {anchors.length === 0 ? (
          <span className="text-ink-soft">{verified ? 'nowhere' : 'not yet'}</span>
        ) : (
          anchors.map(({ level, time }) => (
            <span key={`${level} ${time}`} className="block">
              {level}
              {time !== null && (
                <>
                  , <Time iso={time} exact />
                </>
              )}
            </span>
          ))
        )}
      </Fact>
    </dl>
  )
}

function Fact({
  name,
  isWide = false,
  children,
}: {
  readonly name: string
  readonly isWide?: boolean
  readonly children: ReactNode
}) {
  return (
    <div className={isWide ? 'col-span-full min-w-0' : 'min-w-0'}>
      <dt className="text-[13px] text-ink-soft">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
