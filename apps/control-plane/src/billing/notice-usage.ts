import type { EndpointData } from '@pacspace/api/endpoint'
import { type Environment, environments } from '@pacspace/api/environment'
import type { TenantId } from '@pacspace/api/id'
import { listHighUsage } from '@pacspace/api/internal/plane'
import { type Period, periodOf, timestampOf } from '@pacspace/api/timestamp'
import { type Db, type Tx, transaction } from '@pacspace/service/postgres'
import type { ControlPlaneContext } from '../context.ts'
import { enqueueJob } from '../enqueue-job.ts'
import { queueNotice } from '../mail/front-door.ts'
import { insertUsageNotice } from './usage-notice.sql.ts'

/** Shares of an allowance that owners are told of, in percent; the same as webhooks tell (`usage.threshold`). */
const PERCENTS = [80, 100] as const

/** Asks for a look at the usage of each environment. Safe at any time. */
export async function requestUsageNotices(db: Db): Promise<void> {
  for (const environment of environments) {
    await enqueueJob(db, {
      task: 'notice_usage',
      payload: { environment },
      key: `notice_usage:${environment}`,
    })
  }
}

/**
 * Background step, every minute: tells owners by mail that 80 % or all of their allowance is used. The plane names those it
 * concerns, so that the cost follows their number and not that of all tenants. Mail and note are one transaction: told
 * once, if the process dies before it, at the next look. Raises SERVICE_UNAVAILABLE while the plane is away.
 */
export async function noticeUsage(environment: Environment, context: ControlPlaneContext): Promise<void> {
  const { planes, clock } = context
  const period = periodOf(timestampOf(clock.now()))
  let after: TenantId | undefined
  do {
    const query = { period, percent: PERCENTS[0], ...(after && { after }) }
    const page = await planes[environment].call(listHighUsage, { query })
    for (const usage of page.items) {
      if (isBilled(environment, usage)) await tell(usage, period, context)
    }
    after = page.next ?? undefined
  } while (after !== undefined)
}

type HighUsage = EndpointData<typeof listHighUsage>['items'][number]

/** Free is counted in the Sandbox, a paid plan in Production; the Sandbox of who pays has no end. */
function isBilled(environment: Environment, { tier }: HighUsage): boolean {
  return (tier === 'free') === (environment === 'sandbox')
}

async function tell(
  usage: HighUsage,
  running: Period,
  { db, clock }: Pick<ControlPlaneContext, 'db' | 'clock'>,
): Promise<void> {
  const { tenantId, included, consumed, isForLife } = usage
  const reached = PERCENTS.filter((percent) => consumed * 100 >= included * percent)
  const now = timestampOf(clock.now())
  await transaction(db, async (tx) => {
    const notice = { tenantId, included, now, period: isForLife ? 'life' : running }
    const told = await noteEach(tx, notice, reached)
    const percent = told.at(-1)
    // Who passed both since the last look is told of the higher one.
    if (percent === undefined) return
    const details = { percent, included, stops: isForLife }
    await queueNotice(tx, { tenantId, kind: 'usage', details, createdAt: now })
  })
}

async function noteEach(
  tx: Tx,
  notice: Omit<Parameters<typeof insertUsageNotice>[1], 'percent'>,
  percents: readonly (typeof PERCENTS)[number][],
): Promise<(typeof PERCENTS)[number][]> {
  const fresh: (typeof PERCENTS)[number][] = []
  for (const percent of percents) {
    if (await insertUsageNotice(tx, { ...notice, percent })) fresh.push(percent)
  }
  return fresh
}
