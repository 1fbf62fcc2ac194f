import { amountOfNumeric } from '@pacspace/api/amount'
import { timestampOf } from '@pacspace/api/timestamp'
import { recordIdOf } from '../ledger/front-door.ts'
import { insertOnce, selectFailures, type UntoldFailure } from './deliveries.sql.ts'
import type { DeliveryContext } from './delivery-context.ts'
import { eventBody } from './event-data.ts'
import { eventIdOf } from './event-id.ts'

/**
 * Puts `delta.failed` on its way for every delta that verification finds damaged. Looks at the finding itself and not at a
 * note about it, so nothing can be lost between the two; told once for each finding, since the id is derived from it.
 */
export async function tellFailures(
  context: Pick<DeliveryContext, 'db' | 'clock' | 'environment'>,
): Promise<void> {
  const { db, clock, environment } = context
  for (const failure of await selectFailures(db, 'delta.failed')) {
    const finding = `${failure.first_failed_index}/${failure.found_at}`
    const eventId = eventIdOf(failure.event_key, 'delta.failed', failure.tenant_public_id, finding)
    const envelope = {
      id: eventId,
      type: 'delta.failed',
      createdAt: failure.found_at,
      tenantId: failure.tenant_public_id,
      environment,
    } as const
    await insertOnce(db, {
      tenantNo: failure.tenant_id,
      endpointId: failure.endpoint_id,
      eventId,
      type: 'delta.failed',
      body: eventBody(envelope, failedData(failure)),
      createdAt: failure.found_at,
      now: timestampOf(clock.now()),
    })
  }
}

/** `data` of `delta.failed` (product.md §6). What it says of the delta is what is stored, damaged as it may be. */
function failedData(failure: UntoldFailure): object {
  return {
    recordId: recordIdOf(failure.first_failed_index, failure.record_nonce),
    customerId: failure.customer_id,
    delta: amountOfNumeric(failure.amount),
    error: `Stored data was found damaged: ${failure.discrepancies.join('; ')}`,
    failedAt: failure.found_at,
  }
}
