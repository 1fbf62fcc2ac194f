/** What a spreadsheet may read as the beginning of a formula, in plain or wide form (OWASP "CSV injection"). */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

/** A text that people wrote, or a number that we formatted: canonical decimal text, which stays a number. */
export type CsvCell = string | null | { readonly number: string }

/**
 * Rows as a CSV file (RFC 4180). Texts are quoted, and get an apostrophe in front where a spreadsheet would run them: the
 * same rule as the export of a ledger (docs/decisions/0065).
 */
export function csvFile(rows: readonly (readonly CsvCell[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('')
}

function cellText(cell: CsvCell): string {
  if (cell === null) return ''
  if (typeof cell === 'object') return cell.number
  const safe = FORMULA.test(cell) ? `'${cell}` : cell
  return `"${safe.replaceAll('"', '""')}"`
}
