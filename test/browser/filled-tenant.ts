import assert from 'node:assert/strict'
import type { Environment } from '@pacspace/api/environment'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import type { Person } from './person.ts'

const DEADLINE_MS = 60_000
/** One with deltas in both environments. */
export const CUSTOMER = 'acme'
const CUSTOMERS = [CUSTOMER, 'globex', 'initech']

/** A tenant with something on every page: the names by which its pages are opened. */
export interface FilledTenant {
  readonly owner: Person
  /** A verified delta of `CUSTOMER` in each. */
  readonly recordIds: Readonly<Record<Environment, string>>
  /** The root of its ledger after that delta. */
  readonly receiptIds: Readonly<Record<Environment, string>>
  readonly webhookIds: Readonly<Record<Environment, string>>
}

/** Nobody listens there: a delivery that failed shows more than one that did not. */
export const RECEIVER = 'https://127.0.0.1:9/webhooks'

/** Settings of a stack whose tenants are filled. */
export const fillableStack = { PACSPACE_WEBHOOK_ALLOW: '127.0.0.1' }

/** Fills both environments of a new owner: keys, customers, verified deltas, a webhook with deliveries; somebody is invited. */
export async function fillTenant(owner: Person): Promise<FilledTenant> {
  await owner.goLive()
  await owner.call('POST', '/team/invitations', { email: 'grace@engines.example', role: 'developer' })
  const [sandbox, production] = await Promise.all([fill(owner, 'sandbox'), fill(owner, 'production')])
  return {
    owner,
    recordIds: { sandbox: sandbox.recordId, production: production.recordId },
    receiptIds: { sandbox: sandbox.receiptId, production: production.receiptId },
    webhookIds: { sandbox: sandbox.webhookId, production: production.webhookId },
  }
}

/** Gives the ids of a verified delta of the first customer, and of the webhook. */
async function fill(owner: Person, environment: Environment) {
  const webhook = await owner.call('POST', '/webhooks', { url: RECEIVER, description: 'books' }, environment)
  const { balance } = owner.sdk(await owner.createKey(environment))
  const deltas = CUSTOMERS.flatMap((customerId, index) => [
    { customerId, delta: `${1_000 * (index + 1)}`, reason: 'prepaid credit', referenceId: `order_${index}` },
    { customerId, delta: '-12.5', reason: 'usage of the day', referenceId: `usage_${index}` },
    { customerId, delta: '-0.000000000001', reason: 'rounding of the day' },
  ])
  await balance.emitBatch(deltas)
  const last = await balance.emitAndWait(CUSTOMER, '-250', 'seat charge', { referenceId: 'bill_31' })
  assert.equal(last.status, 'VERIFIED')
  await owner.call('POST', '/checkpoints', {}, environment)
  const hasDelivery = async () => {
    const { deliveries } = await owner.call(
      'GET',
      `/webhooks/${webhook.id}/deliveries`,
      undefined,
      environment,
    )
    return deliveries.length > 0
  }
  assert.ok(await waitUntil(hasDelivery, DEADLINE_MS), 'the webhook has deliveries')
  return { recordId: last.recordId, receiptId: last.receiptId, webhookId: webhook.id }
}
