import { type Environment, environments } from '@pacspace/api/environment'
import { confirmWebhookNotices, listWebhookNotices } from '@pacspace/api/internal/plane-webhooks'
import { timestampOf } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import { transaction } from '@pacspace/service/postgres'
import { audit } from '../audit/front-door.ts'
import type { ControlPlaneContext } from '../context.ts'
import { enqueueJob } from '../enqueue-job.ts'
import { queueNotice } from '../mail/front-door.ts'
import { insertToldNotice } from './webhooks.sql.ts'

/** Notices fetched at a time. */
const PAGE = 100

/** Asks each plane, by a job of its own, for endpoints that were disabled. Safe at any time. */
export async function requestDisabledWebhooks(db: Db): Promise<void> {
  for (const environment of environments) {
    const key = `tell_disabled_webhooks:${environment}`
    await enqueueJob(db, { task: 'tell_disabled_webhooks', payload: { environment }, key })
  }
}

/**
 * Background step: mails owners whose endpoints a plane has disabled, and notes it in the activity log. If the process dies
 * after a mail is in the outbox and before the plane is told, the plane names the notice again and it is passed over: what
 * was told stands in the same transaction as its mail. Raises SERVICE_UNAVAILABLE while the plane is away.
 */
export async function tellDisabledWebhooks(
  environment: Environment,
  context: Pick<ControlPlaneContext, 'db' | 'planes' | 'clock' | 'randomBytes'>,
): Promise<void> {
  const { db, planes, clock } = context
  for (;;) {
    const { notices } = await planes[environment].call(listWebhookNotices, { query: { limit: PAGE } })
    if (notices.length === 0) return
    for (const { noticeNo, tenantId, endpointId, reason } of notices) {
      await transaction(db, async (tx) => {
        const createdAt = timestampOf(clock.now())
        if (!(await insertToldNotice(tx, environment, noticeNo, createdAt))) return
        const action = 'webhook.disabled'
        await audit(
          tx,
          { tenantId, actor: 'system', action, environment, target: endpointId, details: { reason } },
          context,
        )
        const details = { change: CHANGES[reason], endpointId, environment, by: null }
        await queueNotice(tx, { tenantId, kind: 'webhook', details, createdAt })
      })
    }
    const noticeNos = notices.map(({ noticeNo }) => noticeNo)
    await planes[environment].call(confirmWebhookNotices, { body: { noticeNos } })
  }
}

const CHANGES = { failing: 'disabled', gone: 'gone' } as const
