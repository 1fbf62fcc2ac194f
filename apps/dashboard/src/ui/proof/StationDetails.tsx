import type { ReactNode } from 'react'
import { CopyButton } from '../CopyButton.tsx'
import type { ProofStation } from './proof-stations.ts'
import { type ShownState, shownWords } from './StationGlyph.tsx'

/** One step in words, with its values whole; of one that does not hold both values side by side. */
export function StationDetails({
  station,
  state,
}: {
  readonly station: ProofStation
  readonly state: ShownState
}) {
  const { title, words, computed, expected, sibling } = station
  const isShown = state !== 'waiting' && state !== 'unreached'
  return (
    <section aria-label={`About ${title}`} className="rounded-[8px] border border-line bg-surface p-4">
      <h3 className="flex flex-wrap items-baseline justify-between gap-x-3 font-semibold">
        {title}
        <span
          className={
            state === 'broken'
              ? 'text-[13px] font-medium text-failed'
              : 'text-[13px] font-normal text-ink-soft'
          }
        >
          {shownWords[state]}
        </span>
      </h3>
      <p className="mt-1 max-w-[72ch] text-[13px] text-ink-soft">{words}</p>
      {isShown && state === 'broken' && expected !== undefined ? (
        <div className="mt-3 grid gap-3 min-[520px]:grid-cols-2">
          <Value
            label={station.key === 'claims' ? 'Shown' : 'Computed here'}
            value={computed ?? ''}
            isWrong
          />
          <Value label={station.key === 'claims' ? 'Proved' : 'Must be'} value={expected} />
        </div>
      ) : (
        isShown && computed !== undefined && <Value label="Computed here" value={computed} />
      )}
      {isShown && sibling !== undefined && (
        <Value label={`Sibling on the ${sibling.side}, from the proof`} value={sibling.hash} />
      )}
    </section>
  )
}

function Value({
  label,
  value,
  isWrong = false,
}: {
  readonly label: string
  readonly value: string
  readonly isWrong?: boolean
}): ReactNode {
  return (
    <div className="mt-3 min-w-0">
      <p className="flex items-center gap-1 text-[12px] text-ink-soft">
        {label}
        <CopyButton text={value} label={label.toLowerCase()} />
      </p>
      <code
        className={isWrong ? 'numeric text-[12px] break-all text-failed' : 'numeric text-[12px] break-all'}
      >
        {value}
      </code>
    </div>
  )
}
