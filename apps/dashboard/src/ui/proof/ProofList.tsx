import type { ProofStation } from './proof-stations.ts'
import { type ShownState, StationGlyph, shownWords } from './StationGlyph.tsx'

/** The same steps to be read one after the other, every value whole. */
export function ProofList({
  stations,
  shownState,
}: {
  readonly stations: readonly ProofStation[]
  readonly shownState: (station: ProofStation, index: number) => ShownState
}) {
  return (
    <ol className="grid gap-2">
      {stations.map((station, index) => {
        const state = shownState(station, index)
        return (
          <li key={station.key} className="flex gap-3 rounded-[8px] border border-line bg-surface p-3">
            <svg width="24" height="24" aria-hidden className="shrink-0">
              <StationGlyph x={12} y={12} look="stop" state={state} />
            </svg>
            <div className="min-w-0 text-[13px]">
              <p className={state === 'broken' ? 'font-medium text-failed' : 'font-medium'}>
                {index + 1}. {station.title}
                <span className="font-normal text-ink-soft"> · {shownWords[state]}</span>
              </p>
              <p className="text-ink-soft">{station.words}</p>
              {state !== 'waiting' && state !== 'unreached' && <Values station={station} />}
            </div>
          </li>
        )
      })}
    </ol>
  )
}

function Values({ station: { computed, expected, state, sibling } }: { readonly station: ProofStation }) {
  return (
    <dl className="numeric mt-1 grid gap-1 text-[12px] break-all">
      {computed !== undefined && <Pair name="computed" value={computed} />}
      {state === 'broken' && expected !== undefined && <Pair name="must be" value={expected} />}
      {sibling !== undefined && <Pair name={`sibling, ${sibling.side}`} value={sibling.hash} />}
    </dl>
  )
}

function Pair({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt className="inline text-ink-soft">{name} </dt>
      <dd className="inline">{value}</dd>
    </div>
  )
}
