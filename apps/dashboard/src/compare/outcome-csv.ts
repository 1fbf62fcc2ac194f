import { type CsvCell, csvFile } from '../ui/csv-file.ts'
import type { Comparison } from './comparison.ts'
import { kindText, sideText } from './discrepancy-text.ts'
import type { Outcome } from './run-comparison.ts'

const numberOrNothing = (value: string | number | null): CsvCell =>
  value === null ? null : { number: String(value) }

/** A comparison and what it found as a CSV file: first the balances, then each difference. */
export function outcomeCsv({ period }: Comparison, outcome: Outcome): string {
  return csvFile([
    ['customerId', outcome.customerId],
    ['period', period === '' ? 'all time' : period],
    ['verdict', outcome.verdict],
    ['ledger', { number: outcome.neutralBalance }],
    ['theirs', { number: outcome.theirBalance }],
    ['yours', { number: outcome.yourBalance }],
    ['root', outcome.latestReceiptId],
    ['divergence', numberOrNothing(outcome.divergence)],
    [],
    ['list', 'difference', 'reference', 'recordId', 'number', 'inLedger', 'inList', 'acceptedAt'],
    ...outcome.discrepancies.map((one) => [
      sideText[one.side],
      kindText[one.kind],
      one.referenceId,
      one.recordId,
      numberOrNothing(one.sequenceNumber),
      numberOrNothing(one.neutralAmount),
      numberOrNothing(one.statedAmount),
      one.time,
    ]),
  ])
}
