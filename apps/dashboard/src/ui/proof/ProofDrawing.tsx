import { type KeyboardEvent, useId } from 'react'
import { changeText } from '../amount-text.ts'
import { shortened } from '../Hash.tsx'
import { exactText } from '../Time.tsx'
import { useWidth } from '../use-width.ts'
import { type Drawing, type DrawnRow, layOut } from './drawing-layout.ts'
import type { ProofStation, StationLabel } from './proof-stations.ts'
import { type ShownState, StationGlyph, shownWords } from './StationGlyph.tsx'

const WIDTH_AT_FIRST = 320
/** Under this the drawing is of a phone. */
const NARROW_BELOW = 420

interface Frame {
  readonly width: number
  /** Middle of the path. */
  readonly spine: number
  /** How far beside it siblings stand. */
  readonly reach: number
  /** Where texts begin. */
  readonly text: number
}

export interface ProofDrawingProps {
  readonly stations: readonly ProofStation[]
  readonly shownState: (station: ProofStation, index: number) => ShownState
  /** Key of the station whose details are shown. */
  readonly selected: string | undefined
  readonly onSelect: (key: string) => void
  readonly isUnfolded: boolean
  readonly onUnfold: () => void
}

/**
 * A proof as a path: the record at the bottom, up its customer's tree and the log's to who signed. One stop for the tab key;
 * arrows go up and down. Each station says its place, what it is, how it stands and what it means.
 */
export function ProofDrawing({
  stations,
  shownState,
  selected,
  onSelect,
  isUnfolded,
  onUnfold,
}: ProofDrawingProps) {
  const [box, width] = useWidth<HTMLDivElement>(WIDTH_AT_FIRST)
  const frame = frameOf(width)
  const drawing = layOut(stations, isUnfolded)
  const { rows } = drawing
  const current = Math.max(
    0,
    rows.findIndex(({ key }) => key === selected),
  )
  const focus = (at: number) => {
    const row = rows[at]
    if (row === undefined) return
    onSelect(row.key)
    box.current?.querySelector<SVGGElement>(`[data-row="${at}"]`)?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const target = targetOf(event.key, current, rows.length)
    if (target === undefined) return
    event.preventDefault()
    focus(target)
  }
  return (
    // Its drawing, as wide as it was, must not keep it from becoming narrower.
    <div ref={box} className="min-w-0 overflow-hidden">
      <svg
        width={width}
        height={drawing.height}
        role="toolbar"
        aria-orientation="vertical"
        aria-label="The proof as a path, from the record at the bottom to the signed head of the log"
        onKeyDown={onKeyDown}
        className="block select-none"
      >
        <Trees drawing={drawing} frame={frame} />
        <Edges rows={rows} frame={frame} shownState={shownState} />
        {rows.map((row, at) => (
          <Row
            key={row.key}
            row={row}
            at={at}
            frame={frame}
            state={shownState(row.station, row.index)}
            isSelected={row.key === selected}
            isTabStop={at === current}
            count={stations.length}
            onSelect={() => (row.hidden === undefined ? onSelect(row.key) : onUnfold())}
          />
        ))}
      </svg>
    </div>
  )
}

function frameOf(width: number): Frame {
  return width < NARROW_BELOW
    ? { width, spine: 62, reach: 36, text: 122 }
    : { width, spine: 96, reach: 52, text: 178 }
}

/** Up is towards the signature. */
function targetOf(key: string, current: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowUp':
      return Math.min(current + 1, count - 1)
    case 'ArrowDown':
      return Math.max(current - 1, 0)
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}

const captions = {
  ledger: 'The customer’s ledger',
  checkpoint: 'The checkpoint',
  log: 'The public log',
} as const

function Trees({ drawing, frame }: { readonly drawing: Drawing; readonly frame: Frame }) {
  return drawing.trees.map(({ tree, top, bottom }) => (
    <g key={tree} aria-hidden>
      <rect
        x={1}
        y={top}
        width={Math.max(0, frame.width - 2)}
        height={bottom - top}
        rx={8}
        className="fill-page stroke-line"
      />
      <text x={frame.width - 12} y={top + 17} textAnchor="end" className="fill-ink-soft text-[12px]">
        {captions[tree]}
      </text>
    </g>
  ))
}

function Edges({
  rows,
  frame: { spine, reach },
  shownState,
}: {
  readonly rows: readonly DrawnRow[]
  readonly frame: Frame
  readonly shownState: ProofDrawingProps['shownState']
}) {
  const onPath = rows.filter(({ station }) => station.look !== 'side')
  const above = (row: DrawnRow) => onPath[onPath.indexOf(row) + 1]
  return (
    <g aria-hidden fill="none" strokeWidth="1.6">
      {rows.map((row) => {
        if (row.station.look === 'side') {
          return (
            <path
              key={row.key}
              d={`M${spine + reach} ${row.y}H${spine}`}
              strokeDasharray="3 3"
              className="stroke-line-strong"
            />
          )
        }
        const next = above(row)
        if (next === undefined) return null
        const line = strokeOf(shownState(next.station, next.index))
        const { sibling } = row.station
        const x = sibling?.side === 'left' ? spine - reach : spine + reach
        return (
          <g key={row.key} className={line}>
            <path
              d={`M${spine} ${row.y}V${next.y}`}
              strokeDasharray={row.hidden === undefined ? undefined : '2 4'}
            />
            {sibling !== undefined && row.hidden === undefined && (
              <>
                <path
                  d={`M${x} ${row.y}C${x} ${(row.y + next.y) / 2} ${spine} ${(row.y + next.y) / 2} ${spine} ${next.y}`}
                />
                <rect x={x - 5} y={row.y - 5} width={10} height={10} rx={2} className="fill-surface" />
              </>
            )}
          </g>
        )
      })}
    </g>
  )
}

function strokeOf(state: ShownState): string {
  switch (state) {
    case 'verified':
    case 'stated':
      return 'stroke-verified'
    case 'broken':
      return 'stroke-failed'
    case 'computed':
    case 'keyless':
      return 'stroke-ink-soft'
    case 'waiting':
    case 'unreached':
      return 'stroke-line-strong'
    default:
      return state satisfies never
  }
}

interface RowProps {
  readonly row: DrawnRow
  readonly at: number
  readonly frame: Frame
  readonly state: ShownState
  readonly isSelected: boolean
  readonly isTabStop: boolean
  readonly count: number
  readonly onSelect: () => void
}

function Row({ row, at, frame, state, isSelected, isTabStop, count, onSelect }: RowProps) {
  const { station, y, hidden } = row
  const id = useId()
  const height = station.look === 'node' ? 34 : 50
  const { spine, reach, width } = frame
  // What is seen is the name; what it means is the description.
  const meaning =
    hidden === undefined
      ? `Step ${row.index + 1} of ${count}: ${station.title}, ${shownWords[state]}. ${station.words}`
      : `${hidden} more levels. Press Enter to show them.`
  return (
    // biome-ignore lint/a11y/useSemanticElements: an SVG has no button of its own
    <g
      role="button"
      data-row={at}
      data-station={station.title}
      data-state={state}
      tabIndex={isTabStop ? 0 : -1}
      aria-describedby={`${id}-meaning`}
      aria-pressed={hidden === undefined ? isSelected : undefined}
      onClick={onSelect}
      onFocus={() => hidden === undefined && onSelect()}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        onSelect()
      }}
      className="cursor-pointer"
    >
      <desc id={`${id}-meaning`}>{meaning}</desc>
      <rect
        x={3}
        y={y - height / 2}
        width={Math.max(0, width - 6)}
        height={height}
        rx={6}
        fillOpacity={isSelected ? 0.09 : 0}
        className="fill-accent"
      />
      <StationGlyph
        x={station.look === 'side' ? spine + reach : spine}
        y={y}
        look={station.look}
        state={state}
      />
      <RowText row={row} state={state} frame={frame} />
    </g>
  )
}

/** Room for a shortened hash in 12 px, and a gap. */
const HASH_PX = 104

function RowText({
  row,
  state,
  frame,
}: {
  readonly row: DrawnRow
  readonly state: ShownState
  readonly frame: Frame
}) {
  const { station, y, hidden } = row
  const x = frame.text
  if (hidden !== undefined) {
    return (
      <text x={x} y={y} dy="0.35em" className="fill-accent text-[12px] underline">
        {`${hidden} more levels`}
      </text>
    )
  }
  const isNode = station.look === 'node'
  const label = state === 'waiting' ? 'not computed yet' : labelText(station.label)
  const isExact = state !== 'waiting' && station.label.kind !== 'words'
  const baseline = isNode ? y + 4 : y + 14
  const { sibling } = station
  return (
    <>
      {!isNode && (
        <text
          x={x}
          y={y - 4}
          className={
            state === 'broken' ? 'fill-failed text-[13px] font-semibold' : 'fill-ink text-[13px] font-medium'
          }
        >
          {station.title}
        </text>
      )}
      <text x={x} y={baseline} className={isExact ? EXACT : 'fill-ink-soft text-[12px]'}>
        {label}
      </text>
      {sibling !== undefined && isExact && x + 2 * HASH_PX < frame.width && (
        <text x={x + HASH_PX} y={baseline} className={EXACT}>
          {`+ ${shortened(sibling.hash)}`}
        </text>
      )}
    </>
  )
}

const EXACT = 'numeric fill-ink-soft text-[12px]'

function labelText({ kind, text }: StationLabel): string {
  switch (kind) {
    case 'words':
      return text
    case 'hash':
      return shortened(text)
    case 'change':
      return changeText(text)
    case 'time':
      return exactText(text)
    default:
      return kind satisfies never
  }
}
