import { type ReactNode, useState } from 'react'

interface ChartFigureProps {
  readonly title: string
  /** The same values as a table. */
  readonly table: ReactNode
  /** The drawing. */
  readonly children: ReactNode
}

/** A chart under its title, or on demand its values as a table. */
export function ChartFigure({ title, table, children }: ChartFigureProps) {
  const [isTable, setTable] = useState(false)
  return (
    <figure>
      <figcaption className="mb-2 flex items-center justify-between gap-2 text-[13px] text-ink-soft">
        <span>{title}</span>
        <button type="button" className="shrink-0 text-accent underline" onClick={() => setTable(!isTable)}>
          {isTable ? 'Show as a chart' : 'Show as a table'}
        </button>
      </figcaption>
      {isTable ? table : children}
    </figure>
  )
}
