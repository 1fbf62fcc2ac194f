import type { Db } from '@pacspace/service/postgres'

/** The background steps there are, with what each is told. The rows they work on hold the rest. */
export interface JobPayloads {
  readonly provision: { readonly tenantId: string; readonly environment: string }
  readonly push_entitlement: { readonly tenantId: string; readonly environment: string }
  readonly notice_usage: { readonly environment: string }
  readonly sync_stripe: { readonly customerId: string }
  readonly settle_month: { readonly tenantId: string; readonly period: string }
  readonly push_settings: { readonly tenantId: string; readonly environment: string }
  readonly mail_by_address: { readonly kind: string; readonly emailKey: string }
  readonly tell_disabled_webhooks: { readonly environment: string }
  readonly send_mail: { readonly mailId: number }
  readonly reconcile: Readonly<Record<string, unknown>>
}

export type JobTask = keyof JobPayloads

export interface JobRequest<Task extends JobTask> {
  readonly task: Task
  readonly payload: JobPayloads[Task]
  /** At most one waiting job has it; asked for again, it runs at once. */
  readonly key: string
}

/**
 * Asks for a background job in the caller's transaction. A job is only a wake-up: what is to be done stands in rows of our
 * own, and `reconcile` asks again for whatever they say is undone. So a lost job costs a minute, never the work.
 */
export async function enqueueJob<Task extends JobTask>(db: Db, job: JobRequest<Task>): Promise<void> {
  await db.query('select enqueue_job($1, $2::json, $3)', [job.task, JSON.stringify(job.payload), job.key])
}
