import { CircleCheck, CircleHelp, OctagonX, ShieldQuestion } from 'lucide-react'
import type { ReactNode } from 'react'
import { amountText, changeText } from '../amount-text.ts'
import { classes } from '../classes.ts'
import { exactText } from '../Time.tsx'
import type { ProofOutcome, ProofRun, ProofSubject } from './run-proof.ts'

const looks = {
  verified: { icon: CircleCheck, colour: 'text-verified', border: 'border-verified' },
  keyless: { icon: CircleHelp, colour: 'text-pending', border: 'border-line-strong' },
  refused: { icon: OctagonX, colour: 'text-failed', border: 'border-failed' },
} as const

const titles: Readonly<Record<ProofOutcome, string>> = {
  verified: 'Verified in this browser',
  keyless: 'Holds together; whose signature is open',
  refused: 'Refused: do not rely on this proof',
}

export interface OutcomeCardProps {
  /** What came of it; undefined while nothing has yet. */
  readonly run: ProofRun | undefined
  readonly isRunning: boolean
  readonly note?: ReactNode
  /** What can be done. */
  readonly children: ReactNode
}

/** What a verification came to, in words for somebody who has ten seconds. */
export function OutcomeCard({ run, isRunning, note, children }: OutcomeCardProps) {
  const { icon: Icon, colour, border } = run === undefined ? WAITING : looks[run.outcome]
  return (
    <section className={classes('rounded-[8px] border bg-surface p-4', border)}>
      <div aria-live="polite" data-outcome={run?.outcome ?? (isRunning ? 'running' : 'waiting')}>
        <h2 className={classes('flex items-center gap-2 text-[16px] font-semibold', colour)}>
          <Icon size={20} aria-hidden className="shrink-0" />
          {run === undefined
            ? isRunning
              ? 'Recomputing …'
              : 'Not verified by this browser yet'
            : titles[run.outcome]}
        </h2>
        <div className="mt-1 grid max-w-[72ch] gap-1 text-ink-soft">
          {run === undefined ? (
            <p>
              Your browser can recompute every step from the record to the signed head of the log, from the
              bytes of the proof. It takes nobody’s word for it.
            </p>
          ) : (
            <Words run={run} />
          )}
          {run !== undefined && run.outcome !== 'refused' && note}
        </div>
      </div>
      <div className="mt-4 flex flex-wrap gap-2">{children}</div>
    </section>
  )
}

const WAITING = { icon: ShieldQuestion, colour: 'text-ink', border: 'border-line' } as const

function Words({ run }: { readonly run: ProofRun }) {
  switch (run.outcome) {
    case 'verified':
      return (
        <>
          {run.subject !== undefined && <p className="text-ink">{sentenceOf(run.subject)}</p>}
          <p>
            Nobody, whoever keeps the ledger included, can change one digit of it and still show this proof:
            the head of the log <code className="numeric text-[12px] break-all">{run.origin}</code> is signed
            over it.
          </p>
        </>
      )
    case 'keyless':
      return (
        <p>Everything up to the signature fits. Say whose key you trust, and the signature is checked too.</p>
      )
    case 'refused': {
      const broken = run.stations.find(({ state }) => state === 'broken')
      return (
        <p>
          It breaks at <strong className="text-ink">{broken?.title}</strong>. {broken?.words} Ask whoever gave
          it to you for a new one.
        </p>
      )
    }
    default:
      return run.outcome satisfies never
  }
}

/** What is proved, in one sentence. */
function sentenceOf(subject: ProofSubject): string {
  switch (subject.kind) {
    case 'delta': {
      const { delta, customerId, sequenceNumber, balance, createdAt } = subject.record
      return `${changeText(delta)} for ${customerId}, number ${sequenceNumber} in its ledger, with a balance of ${amountText(balance)} after it, recorded ${exactText(createdAt)}.`
    }
    case 'checkpoint': {
      const { customerId, period, deltasCount, startingBalance, endingBalance } = subject.record
      const scope = period == null ? 'a locked span of time' : `${period}, locked`
      return `${scope}, for ${customerId}: ${deltasCount} deltas, from ${amountText(startingBalance)} to ${amountText(endingBalance)}.`
    }
    case 'fact':
      return `A content with the hash ${subject.record.contentHash}, stated ${exactText(subject.record.createdAt)}.`
    default:
      return subject satisfies never
  }
}
