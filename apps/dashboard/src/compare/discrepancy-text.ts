import type { Discrepancy } from './run-comparison.ts'

/** What is different, as one would say it of a list. */
export const kindText: Readonly<Record<Discrepancy['kind'], string>> = {
  missing: 'Missing in the list',
  extra: 'Not in the ledger',
  changed: 'Another amount',
  duplicate: 'Once too often in the list',
}

/** Whose list it is. */
export const sideText: Readonly<Record<Discrepancy['side'], string>> = { yours: 'Yours', theirs: 'Theirs' }
