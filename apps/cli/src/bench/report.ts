/** One line of the report. */
export interface Row {
  readonly name: string
  /** What was measured, as people read it. */
  readonly figure: string
  /** Against the bare ceiling of the same run, or the other half of a comparison; null where there is none. */
  readonly ratio: number | null
  readonly bar: string
  /** Null where the bar is not judged, for example in a quick run. */
  readonly reached: boolean | null
  /** Every number behind the line. */
  readonly details: Readonly<Record<string, unknown>>
}

/** The report as a table of text. */
export function formatRows(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    row.figure,
    row.ratio === null ? '' : `${(row.ratio * 100).toFixed(0)} %`,
    row.bar,
    row.reached === null ? '' : row.reached ? 'reached' : 'NOT REACHED',
  ])
  const table = [['what', 'figure', 'ratio', 'bar', ''], ...cells]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((line) => (line[column] ?? '').length)))
  return table
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** The middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** 12345.6 → `12,346`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
