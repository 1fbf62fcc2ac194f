import { scaleLinear, scaleUtc } from 'd3-scale'
import { curveStepAfter, line } from 'd3-shape'
import { type KeyboardEvent, type PointerEvent, useState } from 'react'
import { amountText } from './amount-text.ts'
import { ChartFigure } from './ChartFigure.tsx'
import { exactText } from './Time.tsx'
import { useWidth } from './use-width.ts'

export interface LinePoint {
  readonly time: string
  /** Exact; only its place in the drawing is rounded. */
  readonly amount: string
}

const HEIGHT = 220
const LEFT = 76
const RIGHT = 12
const TOP = 12
const BOTTOM = 24
const TICKS = 4
const FIRST_WIDTH = 720

/**
 * Amounts over time as a line of steps: each holds until the next one. `points`: oldest first, at least one. Exact values
 * by pointer and by the arrow keys; all of them as a table.
 */
export function LineChart({
  title,
  points,
}: {
  readonly title: string
  readonly points: readonly LinePoint[]
}) {
  return (
    <ChartFigure title={title} table={<LineTable title={title} points={points} />}>
      <Drawing title={title} points={points} />
    </ChartFigure>
  )
}

function Drawing({ title, points }: { readonly title: string; readonly points: readonly LinePoint[] }) {
  const [frame, width] = useWidth<HTMLDivElement>(FIRST_WIDTH)
  const [chosen, setChosen] = useState<number>()
  const last = points.length - 1
  const shown = Math.min(chosen ?? last, last)
  const { x, y } = scalesOf(points, width)
  const path = line<LinePoint>(
    (point) => x(Date.parse(point.time)),
    (point) => y(Number(point.amount)),
  ).curve(curveStepAfter)(points)
  const point = points[shown]
  const onKeyDown = (event: KeyboardEvent) => {
    const next = { ArrowLeft: shown - 1, ArrowRight: shown + 1, Home: 0, End: last }[event.key]
    if (next === undefined) return
    event.preventDefault()
    setChosen(Math.max(0, Math.min(last, next)))
  }
  const onPointerMove = (event: PointerEvent<SVGSVGElement>) => {
    const time = x.invert(event.clientX - event.currentTarget.getBoundingClientRect().left).getTime()
    // The step that holds at that time.
    setChosen(
      Math.max(
        0,
        points.findLastIndex((each) => Date.parse(each.time) <= time),
      ),
    )
  }
  return (
    <div
      ref={frame}
      role="slider"
      aria-label={title}
      aria-valuemin={0}
      aria-valuemax={last}
      aria-valuenow={shown}
      aria-valuetext={point === undefined ? '' : `${amountText(point.amount)} from ${exactText(point.time)}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <p className="text-[13px] text-ink-soft">
        {point !== undefined && (
          <>
            <span className="numeric text-ink">{amountText(point.amount)}</span> from {exactText(point.time)}
          </>
        )}
      </p>
      <svg
        viewBox={`0 0 ${width} ${HEIGHT}`}
        width={width}
        height={HEIGHT}
        aria-hidden
        onPointerMove={onPointerMove}
        onPointerLeave={() => setChosen(undefined)}
        className="max-w-full touch-pan-y"
      >
        <Axes x={x} y={y} width={width} points={points} />
        <path d={path ?? ''} fill="none" strokeWidth={2} className="stroke-accent" />
        {point !== undefined && (
          <circle
            cx={x(Date.parse(point.time))}
            cy={y(Number(point.amount))}
            r={4}
            className="fill-accent stroke-surface"
            strokeWidth={2}
          />
        )}
      </svg>
    </div>
  )
}

/** Zero is always in the drawing, so that a height means an amount. */
function scalesOf(points: readonly LinePoint[], width: number) {
  const amounts = points.map((point) => Number(point.amount))
  const times = points.map((point) => Date.parse(point.time))
  const low = Math.min(0, ...amounts)
  const high = Math.max(0, ...amounts)
  return {
    x: scaleUtc([Math.min(...times), Math.max(...times)], [LEFT, width - RIGHT]),
    y: scaleLinear([low, high === low ? low + 1 : high], [HEIGHT - BOTTOM, TOP]).nice(TICKS),
  }
}

function Axes({
  x,
  y,
  width,
  points,
}: ReturnType<typeof scalesOf> & { readonly width: number; readonly points: readonly LinePoint[] }) {
  const [first, last] = [points[0], points.at(-1)]
  return (
    <>
      {y.ticks(TICKS).map((tick) => (
        <g key={tick} transform={`translate(0,${y(tick)})`}>
          <line x1={LEFT} x2={width - RIGHT} className={tick === 0 ? 'stroke-line-strong' : 'stroke-line'} />
          <text x={LEFT - 8} dy="0.35em" textAnchor="end" className="numeric fill-ink-soft text-[11px]">
            {tickText(tick)}
          </text>
        </g>
      ))}
      {first !== undefined && last !== undefined && (
        <g className="fill-ink-soft text-[11px]">
          <text x={x.range()[0]} y={HEIGHT - 6}>
            {dateText(first.time, last.time)}
          </text>
          {first.time !== last.time && (
            <text x={x.range()[1]} y={HEIGHT - 6} textAnchor="end">
              {dateText(last.time, first.time)}
            </text>
          )}
        </g>
      )}
    </>
  )
}

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 3 })

/** A round number of the scale; long ones shortened, which the exact values beside the line are not. */
function tickText(tick: number): string {
  return compact.format(tick).replace('-', '\u2212')
}

/** The day; where both ends lie in one day, the time: the day stands above. */
function dateText(iso: string, other: string): string {
  return iso.slice(0, 10) === other.slice(0, 10) ? iso.slice(11, 19) : iso.slice(0, 10)
}

function LineTable({ title, points }: { readonly title: string; readonly points: readonly LinePoint[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long table is read by scrolling, also with the keyboard
    <section tabIndex={0} aria-label={title} className="max-h-[280px] overflow-y-auto">
      <table className="w-full max-w-[520px] text-[13px]">
        <caption className="sr-only">{title}</caption>
        <tbody>
          {points.toReversed().map((point, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: values that never change places; two may be of one instant
            <tr key={index}>
              <th scope="row" className="pr-6 text-left font-normal text-ink-soft">
                {exactText(point.time)}
              </th>
              <td className="numeric text-right">{amountText(point.amount)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
