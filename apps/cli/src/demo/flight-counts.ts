import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

/**
 * Flights of 2008 within the United States by origin and destination: 5,366 rows, 303 airports. Data of the U.S. Bureau
 * of Transportation Statistics (a government work), as published in the npm package vega-datasets (BSD-3-Clause).
 * Usage as it is billed: an airport is a customer, and each row is what it used on one route.
 */
export const flightCounts = {
  path: createRequire(import.meta.url).resolve('vega-datasets/data/flights-airport.csv'),
  customer: 'origin',
  delta: 'count',
  reference: 'destination',
} as const

/** What the file says, found without any of our own reading, parsing or arithmetic of amounts. */
export interface ExpectedBalances {
  readonly rows: number
  /** Sum of the counts by airport. */
  readonly balances: ReadonlyMap<string, bigint>
}

/** Sums the file up by itself, line by line: plain cells, whole numbers, bigint. */
export async function expectedBalances(): Promise<ExpectedBalances> {
  const [header, ...lines] = (await readFile(flightCounts.path, 'utf8')).trimEnd().split('\n')
  if (header !== 'origin,destination,count') throw new Error(`another file than expected: ${header}`)
  const balances = new Map<string, bigint>()
  for (const line of lines) {
    const [, origin = '', count = ''] = /^([A-Z0-9]+),[A-Z0-9]+,([1-9][0-9]*)$/.exec(line) ?? []
    if (origin === '') throw new Error(`another row than expected: ${line}`)
    balances.set(origin, (balances.get(origin) ?? 0n) + BigInt(count))
  }
  return { rows: lines.length, balances }
}
