import { scaleBand, scaleLinear } from 'd3-scale'
import { type KeyboardEvent, useState } from 'react'
import { amountText } from './amount-text.ts'
import { ChartFigure } from './ChartFigure.tsx'
import { useWidth } from './use-width.ts'

export interface Bar {
  readonly label: string
  readonly value: number
}

const HEIGHT = 180
const LEFT = 56
const TOP = 8
const BOTTOM = 22
const TICKS = 3
const FIRST_WIDTH = 720

/** Values by day in one hue, from a visible zero line; exact ones by pointer and arrow keys, all of them as a table. */
export function BarChart({ title, bars }: { readonly title: string; readonly bars: readonly Bar[] }) {
  return (
    <ChartFigure title={title} table={<BarTable title={title} bars={bars} />}>
      <Drawing title={title} bars={bars} />
    </ChartFigure>
  )
}

function Drawing({ title, bars }: { readonly title: string; readonly bars: readonly Bar[] }) {
  // Drawn at the size it is shown in: a label of 11 px stays one at any width.
  const [frame, width] = useWidth<HTMLDivElement>(FIRST_WIDTH)
  const [chosen, setChosen] = useState<number>()
  const last = bars.length - 1
  // At first the newest day that has something to tell.
  const newest = bars.findLastIndex(({ value }) => value > 0)
  const shown = Math.min(chosen ?? (newest < 0 ? last : newest), last)
  const bar = bars[shown]
  const onKeyDown = (event: KeyboardEvent) => {
    const next = { ArrowLeft: shown - 1, ArrowRight: shown + 1, Home: 0, End: last }[event.key]
    if (next === undefined) return
    event.preventDefault()
    setChosen(Math.max(0, Math.min(last, next)))
  }
  return (
    <div
      ref={frame}
      role="slider"
      aria-label={title}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, last)}
      aria-valuenow={Math.max(0, shown)}
      aria-valuetext={bar === undefined ? 'nothing yet' : `${amountText(String(bar.value))} on ${bar.label}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <p className="min-h-5 text-[13px] text-ink-soft">
        {bar !== undefined && (
          <>
            <span className="numeric text-ink">{amountText(String(bar.value))}</span> on {bar.label}
          </>
        )}
      </p>
      <Bars bars={bars} width={width} chosen={chosen} onChoose={setChosen} />
    </div>
  )
}

function Bars({
  bars,
  width,
  chosen,
  onChoose,
}: {
  readonly bars: readonly Bar[]
  readonly width: number
  readonly chosen: number | undefined
  readonly onChoose: (index: number | undefined) => void
}) {
  const max = Math.max(1, ...bars.map((bar) => bar.value))
  const y = scaleLinear([0, max], [HEIGHT - BOTTOM, TOP]).nice(TICKS)
  const x = scaleBand(
    bars.map((bar) => bar.label),
    [LEFT, width],
  ).padding(0.25)
  return (
    <svg
      viewBox={`0 0 ${width} ${HEIGHT}`}
      width={width}
      height={HEIGHT}
      aria-hidden
      className="max-w-full"
      onPointerLeave={() => onChoose(undefined)}
    >
      {y
        .ticks(TICKS)
        .filter(Number.isInteger)
        .map((tick) => (
          <g key={tick} transform={`translate(0,${y(tick)})`}>
            <line x1={LEFT} x2={width} className={tick === 0 ? 'stroke-line-strong' : 'stroke-line'} />
            <text x={LEFT - 8} dy="0.35em" textAnchor="end" className="numeric fill-ink-soft text-[11px]">
              {amountText(String(tick))}
            </text>
          </g>
        ))}
      {bars.map((bar, index) => (
        // The whole height answers to the pointer, also over a small bar.
        <g key={bar.label} onPointerEnter={() => onChoose(index)}>
          <rect x={x(bar.label)} y={TOP} width={x.step()} height={HEIGHT - BOTTOM - TOP} fill="transparent" />
          <rect
            x={x(bar.label)}
            y={y(bar.value)}
            width={x.bandwidth()}
            height={y(0) - y(bar.value)}
            className={chosen === undefined || chosen === index ? 'fill-accent' : 'fill-line-strong'}
          />
        </g>
      ))}
      <text x={LEFT} y={HEIGHT - 5} className="fill-ink-soft text-[11px]">
        {bars[0]?.label}
      </text>
      {bars.length > 1 && (
        <text x={width} y={HEIGHT - 5} textAnchor="end" className="fill-ink-soft text-[11px]">
          {bars.at(-1)?.label}
        </text>
      )}
    </svg>
  )
}

function BarTable({ title, bars }: { readonly title: string; readonly bars: readonly Bar[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long table is read by scrolling, also with the keyboard
    <section tabIndex={0} aria-label={title} className="max-h-[280px] overflow-y-auto">
      <table className="text-[13px]">
        <caption className="sr-only">{title}</caption>
        <tbody>
          {bars.map((bar) => (
            <tr key={bar.label}>
              <th scope="row" className="pr-6 text-left font-normal text-ink-soft">
                {bar.label}
              </th>
              <td className="numeric text-right">{amountText(String(bar.value))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
