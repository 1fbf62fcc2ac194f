import { scaleBand, scaleLinear } from 'd3-scale'
import { useState } from 'react'
import { amountText } from './amount-text.ts'

export interface Bar {
  readonly label: string
  readonly value: number
}

const WIDTH = 720
const HEIGHT = 160
const LEFT = 56
const BOTTOM = 20
const TICKS = 3

/** Values by day in one hue, from a visible zero line; the same as a table for those who would rather read. */
export function BarChart({ title, bars }: { readonly title: string; readonly bars: readonly Bar[] }) {
  const [isTable, setTable] = useState(false)
  const max = Math.max(1, ...bars.map((bar) => bar.value))
  const x = scaleBand(
    bars.map((bar) => bar.label),
    [LEFT, WIDTH],
  ).padding(0.25)
  const y = scaleLinear([0, max], [HEIGHT - BOTTOM, 8]).nice()
  return (
    <figure>
      <figcaption className="mb-2 flex items-center justify-between gap-2 text-[13px] text-ink-soft">
        <span>{title}</span>
        <button type="button" className="text-accent underline" onClick={() => setTable(!isTable)}>
          {isTable ? 'Show as a chart' : 'Show as a table'}
        </button>
      </figcaption>
      {isTable ? (
        <BarTable title={title} bars={bars} />
      ) : (
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={title} className="w-full">
          {y
            .ticks(TICKS)
            .filter(Number.isInteger)
            .map((tick) => (
              <g key={tick} transform={`translate(0,${y(tick)})`}>
                <line x1={LEFT} x2={WIDTH} className={tick === 0 ? 'stroke-line-strong' : 'stroke-line'} />
                <text x={LEFT - 8} dy="0.35em" textAnchor="end" className="fill-ink-soft text-[11px]">
                  {amountText(String(tick))}
                </text>
              </g>
            ))}
          {bars.map((bar) => (
            <rect
              key={bar.label}
              x={x(bar.label)}
              y={y(bar.value)}
              width={x.bandwidth()}
              height={y(0) - y(bar.value)}
              className="fill-accent"
            >
              <title>{`${bar.label}: ${amountText(String(bar.value))}`}</title>
            </rect>
          ))}
          <text x={LEFT} y={HEIGHT - 4} className="fill-ink-soft text-[11px]">
            {bars[0]?.label}
          </text>
          <text x={WIDTH} y={HEIGHT - 4} textAnchor="end" className="fill-ink-soft text-[11px]">
            {bars.at(-1)?.label}
          </text>
        </svg>
      )}
    </figure>
  )
}

function BarTable({ title, bars }: { readonly title: string; readonly bars: readonly Bar[] }) {
  return (
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
  )
}
