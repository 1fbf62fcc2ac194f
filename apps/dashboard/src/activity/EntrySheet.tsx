import { CopyButton } from '../ui/CopyButton.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { EmptyState } from '../ui/States.tsx'
import { Time } from '../ui/Time.tsx'
import type { ActivityEntry } from './activity-queries.ts'
import type { ActivitySearch } from './activity-search.ts'
import { actionTexts, actorText, wordsOf } from './activity-text.ts'
import { EntryProof } from './EntryProof.tsx'
import { LogPosition } from './LogPosition.tsx'

interface EntrySheetProps {
  /** Undefined: not among those that the page lists. */
  readonly entry: ActivityEntry | undefined
  /** Shows only what is like this one. */
  readonly onOnly: (search: ActivitySearch) => void
  readonly onClose: () => void
}

/** One entry whole, and its proof. */
export function EntrySheet({ entry, onOnly, onClose }: EntrySheetProps) {
  const title = entry === undefined ? 'Entry' : `${actorText(entry.actor)} ${actionTexts[entry.action]}`
  return (
    <Dialog open isSheet onOpenChange={onClose} title={title}>
      {entry === undefined ? (
        <EmptyState title="Not on this page">
          The entry is on another page of the activity, or the filters leave it out.
        </EmptyState>
      ) : (
        <div className="grid gap-5">
          <EntryFacts entry={entry} onOnly={onOnly} />
          <EntryProof key={entry.id} entry={entry} />
        </div>
      )}
    </Dialog>
  )
}

function EntryFacts({
  entry,
  onOnly,
}: {
  readonly entry: ActivityEntry
  readonly onOnly: (search: ActivitySearch) => void
}) {
  const { id, actor, target, environment, details, address, requestId, createdAt, logIndex } = entry
  return (
    <dl className="grid gap-x-4 gap-y-1.5 min-[500px]:grid-cols-[130px_1fr]">
      <dt className="text-ink-soft">Time</dt>
      <dd>
        <Time iso={createdAt} exact />
      </dd>
      <dt className="text-ink-soft">Done to</dt>
      <dd>
        <Id text={target} label="target" />
        <button
          type="button"
          className="block text-[13px] text-accent underline"
          onClick={() => onOnly({ target })}
        >
          Show only what was done to it
        </button>
      </dd>
      {actor.id !== null && (
        <>
          <dt className="text-ink-soft">By</dt>
          <dd>
            <Id text={actor.id} label="id of who did it" />
          </dd>
        </>
      )}
      <dt className="text-ink-soft">Environment</dt>
      <dd>{environment ?? 'the tenant as a whole'}</dd>
      {Object.entries(details).map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-soft">{wordsOf(name)}</dt>
          <dd>{value === null ? 'none' : String(value)}</dd>
        </div>
      ))}
      <dt className="text-ink-soft">From</dt>
      <dd className="numeric">{address ?? 'no request of a person'}</dd>
      {requestId !== null && (
        <>
          <dt className="text-ink-soft">Request</dt>
          <dd>
            <Id text={requestId} label="request id" />
          </dd>
        </>
      )}
      <dt className="text-ink-soft">Entry</dt>
      <dd>
        <Id text={id} label="entry id" />
      </dd>
      <dt className="text-ink-soft">Log</dt>
      <dd>
        <LogPosition logIndex={logIndex} />
      </dd>
    </dl>
  )
}

function Id({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <span className="flex items-center gap-1">
      <code className="numeric min-w-0 text-[13px] break-all">{text}</code>
      <CopyButton text={text} label={label} />
    </span>
  )
}
