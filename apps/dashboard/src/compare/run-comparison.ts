import { parseBalance } from '@pacspace/api/amount'
import type { Environment } from '@pacspace/api/environment'
import { call } from '../api/client.ts'
import type { DataOf } from '../api/endpoint-ref.ts'
import { compareLedger, getLedgerBalance } from '../api/endpoints.gen.ts'
import type { Comparison } from './comparison.ts'
import { readList, type StatedDelta } from './stated-list.ts'

/** What a comparison found. */
export type Outcome = DataOf<NonNullable<(typeof compareLedger)['definition']>>
export type Discrepancy = Outcome['discrepancies'][number]

/** What stands in a field that cannot be compared. */
export interface Refusal {
  readonly field: keyof Comparison
  readonly message: string
}

interface Side {
  /** Undefined: the ledger's own. */
  readonly balance: string | undefined
  readonly deltas: readonly StatedDelta[] | undefined
}

export interface Prepared {
  readonly yours: Side
  readonly theirs: Side
}

/** Reads the fields of a comparison, or says which of them cannot be understood. Pure. */
export function prepare(comparison: Comparison): Prepared | Refusal {
  const { customerId, yourBalance, yourList, theirBalance, theirList } = comparison
  if (customerId === '') return { field: 'customerId', message: 'Say whose balance it is.' }
  const yours = sideOf('yourBalance', yourBalance, 'yourList', yourList)
  if ('field' in yours) return yours
  const theirs = sideOf('theirBalance', theirBalance, 'theirList', theirList)
  if ('field' in theirs) return theirs
  if (theirs.balance === undefined) {
    return { field: 'theirBalance', message: 'Give the balance that the other side has, or its list.' }
  }
  return { yours, theirs }
}

function sideOf(
  balanceField: keyof Comparison,
  balanceText: string,
  listField: keyof Comparison,
  listText: string,
): Side | Refusal {
  const list = listText.trim() === '' ? undefined : readList(listText)
  if (list !== undefined && !list.ok) {
    return { field: listField, message: `Line ${list.line} ${list.message}.` }
  }
  const plain = balanceText.replaceAll(/\s/g, '').replace('\u2212', '-')
  if (plain !== '' && !parseBalance(plain).ok) {
    return { field: balanceField, message: 'Write a number, such as -1250.75.' }
  }
  return { balance: plain === '' ? list?.sum : plain, deltas: list?.deltas }
}

/** Compares both sides with the verified ledger. Without a balance and list of yours the ledger's own is taken for it. */
export async function runComparison(
  environment: Environment,
  { customerId, period }: Comparison,
  { yours, theirs }: Prepared,
  signal: AbortSignal,
): Promise<Outcome> {
  const scope = period === '' ? {} : { period }
  const own = async () => {
    const query = { ...scope, limit: 1 }
    const ledger = await call(getLedgerBalance, { params: { customerId }, query }, { environment, signal })
    return ledger.computedBalance
  }
  const body = {
    customerId,
    ...scope,
    yourBalance: yours.balance ?? (await own()),
    theirBalance: theirs.balance ?? '0',
    ...(yours.deltas !== undefined && { yourDeltas: [...yours.deltas] }),
    ...(theirs.deltas !== undefined && { theirDeltas: [...theirs.deltas] }),
  }
  return await call(compareLedger, { body }, { environment, signal })
}
