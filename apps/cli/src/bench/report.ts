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
  const cells = rows.map((row) => [row.name, row.figure, ratioText(row), row.bar, verdictText(row)])
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

/** One line for a row that has just been measured. */
export function formatRow(row: Row): string {
  const parts = [ratioText(row), row.bar === '' ? '' : `bar ${row.bar}`, verdictText(row)]
  return `${row.name}: ${row.figure} [${parts.filter((part) => part !== '').join(', ')}]`.replace(
    / \[\]$/,
    '',
  )
}

function ratioText({ ratio }: Row): string {
  return ratio === null ? '' : `${(ratio * 100).toFixed(0)} %`
}

function verdictText({ reached }: Row): string {
  return reached === null ? '' : reached ? 'reached' : 'NOT REACHED'
}

/** The middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** The value below which that share of the values lies (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

/** 12345.6 → `12,346`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** 4.56 → `4.6 ms`. */
export function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`
}

/** 4.56 → `4.6 s`. */
export function seconds(value: number): string {
  return `${value.toFixed(1)} s`
}
