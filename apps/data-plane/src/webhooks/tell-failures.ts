import { amountOfNumeric } from '@pacspace/api/amount'
import { timestampOf } from '@pacspace/api/timestamp'
import { recordIdOf } from '../ledger/front-door.ts'
import { insertOnce, selectFailures, type UntoldFailure } from './deliveries.sql.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { eventBody, isWrite, writeOf } from './event-data.ts'
import { eventIdOf } from './event-id.ts'

/**
 * Puts `delta.failed` on its way for every delta that verification finds damaged, and `verification.failed` beside it where
 * that is a write of the Advanced API. Looks at the finding itself and not at a note about it, so nothing can be lost between the
 * two; told once for each finding, since the id is derived from it.
 */
export async function tellFailures(context: FailureContext): Promise<void> {
  for (const failure of await selectFailures(context.db, 'delta.failed')) {
    await tell(context, failure, 'delta.failed', failedData(failure))
  }
  for (const failure of await selectFailures(context.db, 'verification.failed')) {
    if (isWrite(failure)) await tell(context, failure, 'verification.failed', failedWriteData(failure))
  }
}

type FailureContext = Pick<DeliveryContext, 'db' | 'clock' | 'environment'>

async function tell(
  { db, clock, environment }: FailureContext,
  failure: UntoldFailure,
  type: 'delta.failed' | 'verification.failed',
  data: object,
): Promise<void> {
  const { tenant_public_id: tenantId, found_at: createdAt } = failure
  const finding = `${failure.first_failed_index}/${createdAt}`
  const eventId = eventIdOf(failure.event_key, type, tenantId, finding)
  await insertOnce(db, {
    tenantNo: failure.tenant_id,
    endpointId: failure.endpoint_id,
    eventId,
    type,
    body: eventBody({ id: eventId, type, createdAt, tenantId, environment }, data),
    createdAt,
    now: timestampOf(clock.now()),
  })
}

/** `data` of `delta.failed` (product.md §6). What it says of the delta is what is stored, damaged as it may be. */
function failedData(failure: UntoldFailure): object {
  const { recordId, customerId, delta } = storedOf(failure)
  return { recordId, customerId, delta, ...damageOf(failure) }
}

/** `data` of `verification.failed`, likewise. */
function failedWriteData(failure: UntoldFailure): object {
  return { ...writeOf(storedOf(failure)), ...damageOf(failure) }
}

function storedOf({ first_failed_index, record_nonce, reference_id, customer_id, amount }: UntoldFailure) {
  return {
    recordId: recordIdOf(first_failed_index, record_nonce),
    referenceId: reference_id,
    customerId: customer_id,
    delta: amountOfNumeric(amount),
  }
}

function damageOf({ discrepancies, found_at }: UntoldFailure): object {
  return { error: `Stored data was found damaged: ${discrepancies.join('; ')}`, failedAt: found_at }
}
