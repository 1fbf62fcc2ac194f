import { Link } from '@tanstack/react-router'
import { CircleCheck, Download, Link2, TriangleAlert } from 'lucide-react'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { Amount } from '../ui/Amount.tsx'
import { amountText } from '../ui/amount-text.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { Hash } from '../ui/Hash.tsx'
import { monthName } from '../ui/month.ts'
import { saveFile } from '../ui/save-file.ts'
import { useToast } from '../ui/Toasts.tsx'
import { type Comparison, linkTextOf } from './comparison.ts'
import { DiscrepancyTable } from './DiscrepancyTable.tsx'
import { outcomeCsv } from './outcome-csv.ts'
import type { Outcome } from './run-comparison.ts'

const verdicts: Readonly<Record<Outcome['verdict'], string>> = {
  agreed: 'Both sides agree with the ledger',
  yours_differs: 'Your books differ from the ledger',
  theirs_differs: 'Their books differ from the ledger',
  both_differ: 'Both books differ from the ledger',
}

/** The verdict, by how much each side is off, and each delta in which their lists part from the ledger. */
export function OutcomeCard({
  comparison,
  outcome,
}: {
  readonly comparison: Comparison
  readonly outcome: Outcome
}) {
  const isAgreed = outcome.verdict === 'agreed' && outcome.discrepanciesCount === 0
  const Icon = isAgreed ? CircleCheck : TriangleAlert
  return (
    <Card
      title={
        <span className="flex items-center gap-2">
          <Icon size={18} aria-hidden className={isAgreed ? 'text-verified' : 'text-failed'} />
          {titleOf(outcome)}
        </span>
      }
      action={<Sharing comparison={comparison} outcome={outcome} />}
    >
      <p role="status" className="sr-only">
        {titleOf(outcome)}
      </p>
      <p className="mb-4 text-ink-soft">
        {outcome.customerId}, {comparison.period === '' ? 'all time' : monthName(comparison.period)},{' '}
        {amountText(String(outcome.deltasCount))} verified deltas
        {outcome.latestReceiptId !== null && (
          <>
            {' '}
            up to root <Hash value={outcome.latestReceiptId} label="root that was compared with" />
          </>
        )}
      </p>
      <dl className="grid gap-4 min-[700px]:grid-cols-3">
        <Figure title="The ledger" value={outcome.neutralBalance} />
        <Figure title="Their books" value={outcome.theirBalance} difference={outcome.theirDifference} />
        <Figure title="Your books" value={outcome.yourBalance} difference={outcome.yourDifference} />
      </dl>
      {outcome.divergence !== null && <Divergence outcome={outcome} />}
      {outcome.discrepancies.length > 0 && <DiscrepancyTable outcome={outcome} />}
      {!isAgreed && outcome.discrepancies.length === 0 && (
        <p className="mt-4 max-w-[72ch] text-ink-soft">
          The balances alone do not tell which deltas differ. Paste a list of references and amounts of the
          side that is off, and each one is named.
        </p>
      )}
    </Card>
  )
}

/** Sums may agree where single deltas do not. */
function titleOf({ verdict, discrepanciesCount }: Outcome): string {
  return verdict === 'agreed' && discrepanciesCount > 0
    ? 'The balances agree, single deltas do not'
    : verdicts[verdict]
}

function Figure({
  title,
  value,
  difference,
}: {
  readonly title: string
  readonly value: string
  readonly difference?: string
}) {
  return (
    <div className="rounded-[8px] border border-line p-3">
      <dt className="text-[13px] text-ink-soft">{title}</dt>
      <dd>
        <span className="numeric block text-[18px]">{amountText(value)}</span>
        {difference !== undefined && (
          <span className="text-[13px] text-ink-soft">
            {difference === '0' ? (
              'the same'
            ) : (
              <>
                off by <Amount value={difference} isChange />
              </>
            )}
          </span>
        )}
      </dd>
    </div>
  )
}

function Divergence({ outcome }: { readonly outcome: Outcome }) {
  const environment = useEnvironment()
  const before = (outcome.divergence ?? 1) - 1
  return (
    <p className="mt-4 max-w-[72ch]">
      <b className="font-medium">The histories part at delta {outcome.divergence}.</b>{' '}
      {before === 0 ? 'They differ from the first one on.' : `Up to delta ${before} they are the same.`}{' '}
      <Link to={paths.customer(environment, outcome.customerId)} className="text-accent underline">
        See the deltas of {outcome.customerId}
      </Link>
    </p>
  )
}

function Sharing({ comparison, outcome }: { readonly comparison: Comparison; readonly outcome: Outcome }) {
  const say = useToast()
  const copyLink = async () => {
    const hash = await linkTextOf(comparison)
    if (hash === undefined) {
      say('The lists are too long for a link. Save the result and hand on the file.')
      return
    }
    const { origin, pathname } = window.location
    await navigator.clipboard.writeText(`${origin}${pathname}#${hash}`)
    say('The link is copied. Whoever belongs to your team sees this comparison with it.')
  }
  return (
    <span className="flex flex-wrap gap-2">
      <Button icon={<Link2 size={16} aria-hidden />} onClick={() => void copyLink()}>
        Copy link
      </Button>
      <Button
        icon={<Download size={16} aria-hidden />}
        onClick={() =>
          saveFile(
            `comparison-${outcome.customerId.replaceAll(':', '_')}.csv`,
            outcomeCsv(comparison, outcome),
            'text/csv',
          )
        }
      >
        Save as CSV
      </Button>
    </span>
  )
}
