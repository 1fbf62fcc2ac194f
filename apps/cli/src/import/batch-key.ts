import { hash } from 'node:crypto'
import type { RowMapping } from './row-mapping.ts'

/**
 * The name of an import: the same for the same bytes read with the same columns, on any machine, under any file name.
 * Two imports of one name write once, so it is what makes a broken-off import go on where it was.
 */
export function importName(
  fileSha256: string,
  mapping: RowMapping,
  delimiter: string,
  batchRows: number,
): string {
  const { customer, delta, reason = null, reasonText, reference = null, scale } = mapping
  // The order of members is part of every key ever sent: never change it, only add behind.
  return digest(
    JSON.stringify([
      'import',
      fileSha256,
      { customer, delta, reason, reasonText, reference, scale, delimiter, batchRows },
    ]),
  )
}

/** The idempotency key of a batch. `firstRow`: its first data row, from 0; a batch always spans the same rows. */
export function batchKey(name: string, firstRow: number): string {
  return `import-${name}-${firstRow}`
}

/**
 * The key for what a batch left over when its allowance ran out, `indexes` of its items. The first answer is kept for
 * good under the batch's key, so the rest needs one of its own: the same in each later run.
 */
export function restKey(key: string, indexes: readonly number[]): string {
  return `import-rest-${digest(JSON.stringify([key, indexes]))}`
}

function digest(text: string): string {
  return hash('sha256', text).slice(0, 32)
}
