import { type Amount, addAmounts, formatAmount, parseDelta, ZERO } from '@pacspace/api/amount'

/** A delta as one side has it in its books. */
export interface StatedDelta {
  readonly referenceId?: string
  readonly recordId?: string
  /** Canonical decimal text. */
  readonly delta: string
}

/** What was read of a pasted list, or the first thing in it that was not understood. */
export type ReadList =
  | { readonly ok: true; readonly deltas: readonly StatedDelta[]; readonly sum: string }
  | { readonly ok: false; readonly line: number; readonly message: string }

/** The most that one comparison takes of each side (COMPARED_DELTAS_MAX of packages/api/src/definition/compare.ts). */
export const STATED_MAX = 10_000

const REFERENCE_TITLES = /^(reference|referenceid|reference id|ref|id|record|recordid|record id)$/i
const AMOUNT_TITLES = /^(amount|delta|value|change)$/i

/**
 * Reads a list of references and amounts as people paste it: CSV, TSV, or columns with semicolons, of a spreadsheet or of
 * our own export. With a line of titles the columns named reference (or record) and amount (or delta) are taken, else the
 * first two. Blank lines count for nothing. Amounts are exact.
 */
export function readList(text: string): ReadList {
  const separator = separatorOf(text)
  const deltas: StatedDelta[] = []
  let sum: Amount = ZERO
  let columns: Columns | undefined
  for (const { cells, line } of rowsOf(text, separator)) {
    if (cells.every((cell) => cell === '')) continue
    if (columns === undefined) {
      columns = columnsOf(cells) ?? FIRST_TWO
      if (columns !== FIRST_TWO) continue
    }
    const name = unquotedFormula(cells[columns.name] ?? '') || (cells[columns.otherName] ?? '')
    const amount = parseDelta(plainNumber(cells[columns.amount] ?? ''))
    if (name === '') return { ok: false, line, message: 'has no reference' }
    if (!amount.ok) return { ok: false, line, message: `“${cells[columns.amount] ?? ''}” is no amount` }
    if (deltas.length === STATED_MAX) return { ok: false, line, message: 'is more than one comparison takes' }
    deltas.push({
      ...(name.startsWith('rec_') ? { recordId: name } : { referenceId: name }),
      delta: formatAmount(amount.amount),
    })
    sum = addAmounts(sum, amount.amount)
  }
  return { ok: true, deltas, sum: formatAmount(sum) }
}

interface Columns {
  readonly name: number
  /** Taken where the first is empty: an export has records without a reference. */
  readonly otherName: number
  readonly amount: number
}

const FIRST_TWO: Columns = { name: 0, otherName: -1, amount: 1 }

/** The columns that a line of titles names; undefined where it is no such line. */
function columnsOf(titles: readonly string[]): Columns | undefined {
  const amount = titles.findIndex((title) => AMOUNT_TITLES.test(title))
  const names = titles.flatMap((title, index) => (REFERENCE_TITLES.test(title) ? [index] : []))
  // A reference goes before a record: both sides know it.
  const sorted = names.toSorted((a, b) => rank(titles[a]) - rank(titles[b]))
  const [name, otherName = -1] = sorted
  return amount < 0 || name === undefined ? undefined : { name, otherName, amount }
}

function rank(title = ''): number {
  return /^ref/i.test(title) ? 0 : 1
}

function separatorOf(text: string): string {
  const [first = ''] = text.trimStart().split('\n', 1)
  return ['\t', ';', ','].find((each) => first.includes(each)) ?? ','
}

/** True minus signs and thin spaces as we write them, and spaces between thousands, are taken too. */
function plainNumber(text: string): string {
  return text.replaceAll(/[\s_]/g, '').replace('\u2212', '-').replace(/^\+/, '')
}

/** Our exports put an apostrophe before what a spreadsheet would run. */
function unquotedFormula(text: string): string {
  return /^'[=+\-@]/.test(text) ? text.slice(1) : text
}

/** Rows of an RFC 4180 text with the line each begins at, counted from 1. Cells are trimmed. */
function* rowsOf(text: string, separator: string): Generator<{ cells: string[]; line: number }> {
  let cells: string[] = []
  let cell = ''
  let isQuoted = false
  let line = 1
  let startedAt = 1
  for (let at = 0; at <= text.length; at++) {
    const char = text[at]
    if (isQuoted && char !== undefined) {
      if (char === '"' && text[at + 1] === '"') cell += text[at++]
      else if (char === '"') isQuoted = false
      else cell += char
      if (char === '\n') line++
    } else if (char === undefined || char === '\n') {
      yield { cells: [...cells, cell.trim()], line: startedAt }
      cells = []
      cell = ''
      startedAt = ++line
    } else if (char === '"' && cell.trim() === '') {
      isQuoted = true
      cell = ''
    } else if (char === separator) {
      cells.push(cell.trim())
      cell = ''
    } else cell += char
  }
}
