import type { Environment } from '@pacspace/api/environment'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { Tx } from '@pacspace/service/postgres'

/** Notes that a plane's notice is told, in the transaction of its mail. False when it was before. Primary key. */
export async function insertToldNotice(
  tx: Tx,
  environment: Environment,
  noticeNo: number,
  now: Timestamp,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into webhook_notice_told (environment, notice_no, told_at) values ($1, $2, $3)
     on conflict (environment, notice_no) do nothing`,
    [environment, noticeNo, now],
  )
  return rowCount > 0
}
