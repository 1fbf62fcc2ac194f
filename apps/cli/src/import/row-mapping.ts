import { type Amount, formatAmount, parseAmount, parseDelta } from '@pacspace/api/amount'
import type { DeltaInput } from '@pacspace-io/sdk/core/balance'
import { customerIdOf } from './customer-id.ts'

/** Which column means what. Part of what an import is: with other columns it is another import. */
export interface RowMapping {
  readonly customer: string
  readonly delta: string
  /** Column of the reason; else `reasonText` is the reason of every row. */
  readonly reason: string | undefined
  readonly reasonText: string
  readonly reference: string | undefined
  /** Amounts count units of 10^-scale: with 2, `1234` is 12.34. */
  readonly scale: number
}

/** What a row comes to. `zero`: nothing changes, so there is nothing to write. */
export type MappedRow =
  | { readonly kind: 'delta'; readonly delta: DeltaInput }
  | { readonly kind: 'zero' }
  | { readonly kind: 'refused'; readonly why: string }

/** Largest `--scale`: an amount has at most 12 digits after the point. */
export const SCALE_MAX = 12

/** Maps the rows of a file with this header. Throws RangeError, naming it, for a column that is not there or there twice. */
export function rowMapper(
  header: readonly string[],
  mapping: RowMapping,
): (row: readonly string[]) => MappedRow {
  const customerAt = columnOf(header, mapping.customer)
  const deltaAt = columnOf(header, mapping.delta)
  const reasonAt = mapping.reason === undefined ? undefined : columnOf(header, mapping.reason)
  const referenceAt = mapping.reference === undefined ? undefined : columnOf(header, mapping.reference)
  return (row) => {
    if (row.length !== header.length) return refused(`${row.length} columns, the header has ${header.length}`)
    const amount = readAmount(row[deltaAt] ?? '', mapping)
    if (typeof amount !== 'bigint') return amount
    if (amount === 0n) return { kind: 'zero' }
    const name = row[customerAt] ?? ''
    if (name === '') return refused(`${mapping.customer} is empty`)
    const customerId = customerIdOf(name)
    if (customerId === undefined) return refused(`${mapping.customer} is too long for a customer id`)
    const reason = reasonAt === undefined ? mapping.reasonText : (row[reasonAt] ?? '')
    if (reason === '') return refused(`${mapping.reason} is empty`)
    const referenceId = referenceAt === undefined ? '' : (row[referenceAt] ?? '')
    const delta = {
      customerId,
      delta: formatAmount(amount),
      reason,
      ...(referenceId !== '' && { referenceId }),
    }
    return { kind: 'delta', delta }
  }
}

function readAmount(text: string, { delta: column, scale }: RowMapping): Amount | MappedRow {
  const parsed = parseAmount(text.trim())
  if (!parsed.ok) return refused(`${column} ${parsed.text}: ${JSON.stringify(text.slice(0, 40))}`)
  if (parsed.amount === 0n) return parsed.amount
  const unitsPerUnit = 10n ** BigInt(scale)
  if (parsed.amount % unitsPerUnit !== 0n)
    return refused(`${column} has too many digits for --scale ${scale}`)
  const scaled = parseDelta(formatAmount((parsed.amount / unitsPerUnit) as Amount)) // an exact quotient of amounts
  return scaled.ok ? scaled.amount : refused(`${column} ${scaled.text}`)
}

function columnOf(header: readonly string[], name: string): number {
  const index = header.indexOf(name)
  if (index < 0)
    throw new RangeError(`There is no column ${JSON.stringify(name)}. Columns: ${header.join(', ')}`)
  if (header.indexOf(name, index + 1) >= 0)
    throw new RangeError(`Two columns are called ${JSON.stringify(name)}`)
  return index
}

function refused(why: string): MappedRow {
  return { kind: 'refused', why }
}
