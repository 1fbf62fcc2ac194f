import { type Amount, amountOfNumeric, formatAmount } from '@pacspace/api/amount'
import { equalBytes } from '@pacspace/proofs/bytes'
import { rangeRoot } from '@pacspace/proofs/compact-range'
import { toHex } from '@pacspace/proofs/hex'
import type { Db } from '@pacspace/service/postgres'
import type { VerifiedEnd } from '../anchors/front-door.ts'
import type { Find } from './finding.ts'
import { type CheckedCustomer, type CheckedLog, selectCustomers } from './fsck.sql.ts'

/** What the rows say of a customer. */
export interface CustomerFacts {
  readonly firstIndex: number
  readonly end: VerifiedEnd
  readonly lastIndex: number
}

/** By customer number. */
export interface WalkedCustomers {
  readonly all: ReadonlyMap<number, CustomerFacts>
  /** The same as they were at the verified size. */
  readonly verified: ReadonlyMap<number, CustomerFacts>
}

/** Every customer stands where its deltas say, and its verified end is that of the rows up to the verified size. */
export async function checkCustomers(
  db: Db,
  log: CheckedLog,
  walked: WalkedCustomers,
  find: Find,
): Promise<void> {
  const seen = new Set<number>()
  for (const row of await selectCustomers(db, log.tenant_id)) {
    const name = `customer ${row.customer_no}`
    const facts = walked.all.get(row.customer_no)
    seen.add(row.customer_no)
    if (facts === undefined) find('customer', name, 'has no delta')
    else if (facts.firstIndex !== row.first_index)
      find('customer', name, `first_index should be ${facts.firstIndex}`)
    const verified = walked.verified.get(row.customer_no)
    if (verified === undefined) {
      if (row.verified_seq !== null) find('customer_verified', name, 'nothing of it is verified')
      continue
    }
    if (!isVerifiedEnd(row, verified)) {
      const { sequenceNumber, balance, range } = verified.end
      find(
        'customer_verified',
        name,
        `should be seq ${sequenceNumber}, balance ${formatAmount(balance)}, root ${toHex(rangeRoot(range))}`,
      )
    }
  }
  for (const customerNo of walked.all.keys()) {
    if (!seen.has(customerNo)) find('customer', `customer ${customerNo}`, 'is missing')
  }
}

function isVerifiedEnd(row: CheckedCustomer, { end, lastIndex }: CustomerFacts): boolean {
  return (
    row.verified_seq === end.sequenceNumber &&
    row.verified_index === lastIndex &&
    row.verified_balance !== null &&
    isAmount(row.verified_balance, end.balance) &&
    row.verified_root !== null &&
    equalBytes(row.verified_root, rangeRoot(end.range))
  )
}

function isAmount(numeric: string, amount: Amount): boolean {
  try {
    return amountOfNumeric(numeric) === amount
  } catch {
    // Not a number, or with more digits than any amount has.
    return false
  }
}
