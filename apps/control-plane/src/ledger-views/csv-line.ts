/** A number as a spreadsheet may read it: exact digits that our own code wrote. */
export interface NumberCell {
  readonly number: string
}

/** What a cell of a CSV file may hold; null is an empty one. */
export type CsvCell = string | NumberCell | null

/** What spreadsheets take for the beginning of a formula, wide forms included (OWASP "CSV Injection"). */
const FORMULA_START = /^[=+\-@\t\r\n＝＋－＠]/

/**
 * One line of a CSV file (RFC 4180), safe to open in a spreadsheet: texts are quoted, so that none ends its cell in any
 * locale, and one that would be a formula gets an apostrophe in front. Numbers stay numbers, so that columns can be summed.
 * Raises TypeError for a number cell that is no plain decimal.
 */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`
}

function cellText(cell: CsvCell): string {
  if (cell === null) return ''
  if (typeof cell !== 'string') {
    if (!/^-?\d+(\.\d+)?$/.test(cell.number)) throw new TypeError(`no number for a CSV cell: ${cell.number}`)
    return cell.number
  }
  const harmless = FORMULA_START.test(cell) ? `'${cell}` : cell
  return `"${harmless.replaceAll('"', '""')}"`
}
