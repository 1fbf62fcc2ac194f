import type { ReactNode } from 'react'
import { classes } from './classes.ts'

export interface Column<Row> {
  readonly key: string
  /** Empty for the column of buttons: it is read as "Actions". */
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  /** Numbers stand at the right edge. */
  readonly isNumeric?: boolean
  /** Holds short words of our own, which are never broken. What others name may be long, and is. */
  readonly isShort?: boolean
}

export interface TableProps<Row> {
  /** What the rows are, for screen readers. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly keyOf: (row: Row) => string
  /** New rows are being fetched; the old ones stay. */
  readonly isStale?: boolean
}

/** Rows under a sticky head; on a narrow screen each row is a card, and nothing scrolls sideways. */
export function Table<Row>({ caption, columns, rows, keyOf, isStale = false }: TableProps<Row>) {
  return (
    <table
      className={classes('w-full border-collapse text-[13px] max-[700px]:block', isStale && 'opacity-60')}
      aria-busy={isStale}
    >
      <caption className="sr-only">{caption}</caption>
      <thead className="max-[700px]:hidden">
        <tr>
          {columns.map((column) => (
            <th
              key={column.key}
              scope="col"
              className={classes(
                'sticky top-0 border-b border-line bg-surface px-3 py-2 font-medium wrap-normal text-ink-soft',
                column.isNumeric ? 'text-right' : 'text-left',
              )}
            >
              {column.title === '' ? <span className="sr-only">Actions</span> : column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="max-[700px]:grid max-[700px]:gap-3">
        {rows.map((row) => (
          <tr
            key={keyOf(row)}
            className="border-b border-line last:border-0 hover:bg-page max-[700px]:block max-[700px]:rounded-[8px] max-[700px]:border max-[700px]:p-2 max-[700px]:last:border"
          >
            {columns.map((column) => (
              <td
                key={column.key}
                className={classes(
                  'px-3 py-2 align-middle max-[700px]:flex max-[700px]:justify-between max-[700px]:gap-4 max-[700px]:px-1 max-[700px]:py-1 max-[700px]:text-right',
                  column.isNumeric && 'text-right',
                  (column.isNumeric || column.isShort) && 'wrap-normal',
                )}
              >
                <span aria-hidden className="hidden shrink-0 text-ink-soft max-[700px]:inline">
                  {column.title}
                </span>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
