import type { TenantId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Tx } from '@pacspace/service/postgres'

/** Notes that the owners of a tenant are told of a share of its allowance; false if that was noted before. Primary key. */
export async function insertUsageNotice(
  tx: Tx,
  notice: {
    readonly tenantId: TenantId
    /** `YYYY-MM` or `life`. */
    readonly period: string
    readonly included: number
    readonly percent: number
    readonly now: Timestamp
  },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into usage_notice (tenant_id, period, included, percent, noticed_at) values ($1, $2, $3, $4, $5)
     on conflict do nothing`,
    [notice.tenantId, notice.period, notice.included, notice.percent, notice.now],
  )
  return rowCount === 1
}
