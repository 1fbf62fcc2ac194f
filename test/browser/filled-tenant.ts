import assert from 'node:assert/strict'
import type { Environment } from '@pacspace/api/environment'
import type { Person } from './person.ts'

const CUSTOMERS = ['acme', 'globex', 'initech']

/** A tenant with something on every page: the names by which its pages are opened. */
export interface FilledTenant {
  readonly owner: Person
  /** The same in both environments, each with deltas of its own. */
  readonly customerId: string
  readonly recordIds: Readonly<Record<Environment, string>>
}

/** Fills both environments of a new owner: keys, customers, verified deltas. */
export async function fillTenant(owner: Person): Promise<FilledTenant> {
  await owner.goLive()
  const [sandbox, production] = await Promise.all([fill(owner, 'sandbox'), fill(owner, 'production')])
  return { owner, customerId: CUSTOMERS[0] ?? '', recordIds: { sandbox, production } }
}

/** Gives the id of a verified delta of the first customer. */
async function fill(owner: Person, environment: Environment): Promise<string> {
  const { balance } = owner.sdk(await owner.createKey(environment))
  const deltas = CUSTOMERS.flatMap((customerId, index) => [
    { customerId, delta: `${1_000 * (index + 1)}`, reason: 'prepaid credit', referenceId: `order_${index}` },
    { customerId, delta: '-12.5', reason: 'usage of the day', referenceId: `usage_${index}` },
    { customerId, delta: '-0.000000000001', reason: 'rounding of the day' },
  ])
  await balance.emitBatch(deltas)
  const [customerId = ''] = CUSTOMERS
  const last = await balance.emitAndWait(customerId, '-250', 'seat charge', { referenceId: 'bill_31' })
  assert.equal(last.status, 'VERIFIED')
  return last.recordId
}
