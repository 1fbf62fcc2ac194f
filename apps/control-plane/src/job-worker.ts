import { setTimeout as sleep } from 'node:timers/promises'
import { type Environment, environments } from '@pacspace/api/environment'
import { isId } from '@pacspace/api/id'
import { isPeriod } from '@pacspace/api/timestamp'
import { createLibraryPool } from '@pacspace/service/library-pool'
import type { Logger as ServiceLogger } from '@pacspace/service/log'
import {
  Logger,
  parseCronItems,
  type Runner,
  run,
  runMigrations,
  runOnce,
  type TaskList,
} from 'graphile-worker'
import { type AddressedMail, mailByAddress } from './accounts/mail-by-address.ts'
import { noticeUsage } from './billing/notice-usage.ts'
import { type EntitlementTarget, pushEntitlement } from './billing/push-entitlement.ts'
import { type SettleTarget, settleMonth } from './billing/settle-month.ts'
import type { ControlPlaneContext } from './context.ts'
import type { JobTask } from './enqueue-job.ts'
import { provision } from './environments/provision.ts'
import { sendMail } from './mail/send-mail.ts'
import { reconcile } from './reconcile.ts'
import { pushSettings } from './tenant/push-settings.ts'
import { tellDisabledWebhooks } from './webhooks/tell-disabled.ts'

/** Jobs at once. A provisioning occupies its place for up to five seconds when a plane is slow. */
const CONCURRENCY = 10

/** New jobs are announced by NOTIFY; this finds those whose retry time has come. */
const POLL_MS = 1_000

/** After the queue has stopped by an error, such as a database that went away. */
const RESTART_MS = 1_000

/** The minute's reconcile leaves alone what was asked for this recently. */
const UNDER_WAY_MS = 30_000

/**
 * Ends of jobs are written in batches, without delay. Only then does the queue handle what goes wrong with that, by stopping;
 * otherwise a database that goes away just then is an unhandled rejection (graphile-worker 0.18, worker.js).
 */
const ENDS_HANDLED = { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } }

type QueuePool = ReturnType<typeof createLibraryPool>

export interface JobWorker {
  /** Lets running jobs finish. Safe to call again. */
  stop(): Promise<void>
}

/** Brings the queue's own schema into being. `url`: of the database's owner. Safe to call again, and at once by many. */
export async function installJobQueue(url: string, log: ServiceLogger): Promise<void> {
  await withQueuePool(url, 1, (pgPool) => runMigrations({ pgPool, logger: queueLogger(log) }))
}

/**
 * Works off background jobs until stopped; any number of processes may. Starts anew by itself when the database was away.
 * `url`: of the database's owner, since the queue's tables are closed to the service role.
 */
export function startJobWorker(url: string, context: ControlPlaneContext): JobWorker {
  const stopping = new AbortController()
  const { log } = context
  const finished = keepRunning()
  return {
    async stop() {
      stopping.abort()
      await finished
    },
  }

  async function keepRunning(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await runUntilStopped(url, context, stopping.signal)
      } catch (error) {
        log.warn({ err: error }, 'job worker stopped; starting it again')
        await sleep(RESTART_MS, undefined, { signal: stopping.signal }).catch(() => {})
      }
    }
  }
}

/** Runs the queue until it is told to stop; throws when it cannot go on, and has then let go of everything. */
async function runUntilStopped(
  url: string,
  context: ControlPlaneContext,
  signal: AbortSignal,
): Promise<void> {
  await reconcile(context, { provisioningsOlderThanMs: 0 })
  await withQueuePool(url, CONCURRENCY + 2, async (pgPool) => {
    const runner = await run({
      pgPool,
      concurrency: CONCURRENCY,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      preset: ENDS_HANDLED,
      logger: queueLogger(context.log),
      taskList: jobTasks(context),
      parsedCronItems: parseCronItems([
        { task: 'reconcile', match: '* * * * *', options: { backfillPeriod: 0, jobKey: 'reconcile' } },
      ]),
    })
    await untilBroken(runner, signal)
  })
}

/**
 * Resolves when the runner has stopped because we said so; throws when it could not look for jobs. It would go on trying,
 * but when its very first look meets an outage it keeps that failure for ever (graphile-worker 0.18, taskIdentifiers.js
 * caches the rejected promise): only a new runner looks again.
 */
async function untilBroken(runner: Runner, signal: AbortSignal): Promise<void> {
  const broken = Promise.withResolvers<never>()
  const stop = () => void stopRunner(runner)
  runner.events.on('worker:getJob:error', ({ error }) => broken.reject(error))
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    await Promise.race([runner.promise, broken.promise])
  } finally {
    signal.removeEventListener('abort', stop)
    await stopRunner(runner)
  }
}

/**
 * A pool of our own, ended by us: the queue drops its error listeners before its connections are closed, and one that
 * breaks just then would end the process.
 */
async function withQueuePool(
  url: string,
  max: number,
  use: (pgPool: QueuePool) => Promise<void>,
): Promise<void> {
  const pgPool = createLibraryPool({ url, max, applicationName: 'control-plane jobs' })
  try {
    await use(pgPool)
  } finally {
    await pgPool.end()
  }
}

/** Stopped twice, or just as it stopped by itself, it rejects: it is stopped all the same. */
async function stopRunner(runner: Runner): Promise<void> {
  await runner.stop().catch(() => {})
}

/** Runs every job that waits, then ends. What fails waits for its next try. */
export async function runWaitingJobs(url: string, context: ControlPlaneContext): Promise<void> {
  await withQueuePool(url, 2, (pgPool) =>
    runOnce({ pgPool, noHandleSignals: true, logger: queueLogger(context.log), taskList: jobTasks(context) }),
  )
}

/** The background steps, by the name under which `enqueueJob` asks for them. */
function jobTasks(context: ControlPlaneContext): TaskList {
  const tasks: Record<JobTask, (payload: unknown) => Promise<void>> = {
    provision: (payload) => provision(parseTarget(payload), context),
    push_entitlement: (payload) => pushEntitlement(parseTarget(payload), context),
    notice_usage: (payload) => noticeUsage(parseEnvironment(payload), context),
    sync_stripe: (payload) => context.payments.sync(parseCustomerId(payload), context),
    settle_month: (payload) => settleMonth(parseSettleTarget(payload), context),
    push_settings: (payload) => pushSettings(parseTarget(payload), context),
    mail_by_address: (payload) => mailByAddress(parseAddressedMail(payload), context),
    tell_disabled_webhooks: (payload) => tellDisabledWebhooks(parseEnvironment(payload), context),
    send_mail: (payload) => sendMail(parseMailId(payload), context),
    reconcile: () => reconcile(context, { provisioningsOlderThanMs: UNDER_WAY_MS }),
  }
  return tasks
}

function parseTarget(payload: unknown): EntitlementTarget {
  const { tenantId, environment } = members(payload)
  const named = environments.find((each) => each === environment)
  if (typeof tenantId !== 'string' || !isId('tnt', tenantId) || named === undefined) {
    throw new Error('the job names no tenant and environment')
  }
  return { tenantId, environment: named }
}

function parseSettleTarget(payload: unknown): SettleTarget {
  const { tenantId, period } = members(payload)
  const isNamed =
    typeof tenantId === 'string' && isId('tnt', tenantId) && typeof period === 'string' && isPeriod(period)
  if (!isNamed) throw new Error('the job names no tenant and month')
  return { tenantId, period }
}

function parseEnvironment(payload: unknown): Environment {
  const { environment } = members(payload)
  const named = environments.find((each) => each === environment)
  if (named === undefined) throw new Error('the job names no environment')
  return named
}

function parseCustomerId(payload: unknown): string {
  const { customerId } = members(payload)
  if (typeof customerId !== 'string') throw new Error('the job names no customer')
  return customerId
}

function parseMailId(payload: unknown): number {
  const { mailId } = members(payload)
  if (typeof mailId !== 'number' || !Number.isSafeInteger(mailId)) throw new Error('the job names no mail')
  return mailId
}

function parseAddressedMail(payload: unknown): AddressedMail {
  const { kind, emailKey } = members(payload)
  if ((kind !== 'verify_email' && kind !== 'reset_password') || typeof emailKey !== 'string')
    throw new Error('the job names no mail and address')
  return { kind, emailKey }
}

/** The members of a payload, whatever it is. */
function members(payload: unknown): Readonly<Record<string, unknown>> {
  return typeof payload === 'object' && payload !== null ? { ...payload } : {}
}

/** The queue's messages in our log. A failed job is a warning: it is tried again. */
function queueLogger(log: ServiceLogger): Logger {
  return new Logger((scope) => (level, message, meta) => {
    const fields = { ...scope, err: meta?.error }
    if (level === 'error' || level === 'warning') log.warn(fields, message)
    else log.debug(fields, message)
  })
}
