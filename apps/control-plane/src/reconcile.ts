import { sweepKnownDevices } from './accounts/known-device.ts'
import { sweepEndedSessions } from './accounts/sweep-sessions.ts'
import { sweepThrottle } from './accounts/throttle.ts'
import { requestUsageNotices } from './billing/notice-usage.ts'
import { requestDuePushes } from './billing/push-entitlement.ts'
import { requestDueSyncs } from './billing/request-sync.ts'
import { requestSettlements } from './billing/settle-month.ts'
import type { ControlPlaneContext } from './context.ts'
import { requestUnfinishedProvisionings } from './environments/request-provisioning.ts'
import { requestDueMails } from './mail/queue-mail.ts'
import { requestDueSettings } from './tenant/push-settings.ts'
import { requestDisabledWebhooks } from './webhooks/tell-disabled.ts'

/**
 * Background step, at service start and every minute: asks again for whatever our rows say is undone, because a plane or
 * mail server was away, or because a process died with the job in its hands (the queue itself would give such a job
 * back only after four hours). Asking twice is harmless: each step looks at the rows first.
 * `provisioningsOlderThanMs`: younger ones are most likely under way.
 */
export async function reconcile(
  context: ControlPlaneContext,
  { provisioningsOlderThanMs }: { readonly provisioningsOlderThanMs: number },
): Promise<void> {
  const { db, clock } = context
  await requestUnfinishedProvisionings(db, clock, provisioningsOlderThanMs)
  await requestDuePushes(db)
  await requestUsageNotices(db)
  await requestDueSyncs(db)
  await requestSettlements(db, context)
  await requestDisabledWebhooks(db)
  await requestDueMails(db, clock)
  await requestDueSettings(db)
  await sweepThrottle(db, clock)
  await sweepKnownDevices(db, clock)
  await sweepEndedSessions(db, clock)
}
