import { randomUUID } from 'node:crypto'
import { systemClock } from '@pacspace/service/clock'
import { requireDurableDatabase } from '@pacspace/service/durable-database'
import { listen } from '@pacspace/service/listen'
import { createPool } from '@pacspace/service/postgres'
import { createPrivateServer, createRegistry } from '@pacspace/service/private-server'
import { showFigures } from '@pacspace/service/process-figures'
import { randomBytes } from '@pacspace/service/random'
import type { Startup } from '@pacspace/service/service-main'
import { checkCuts } from './anchors/check-cuts.ts'
import type { WorkerContext } from './anchors/context.ts'
import { FileAnchor } from './anchors/file-anchor.ts'
import { VerifiedMemory } from './anchors/verified-memory.ts'
import { startVerifyLoop } from './anchors/verify-loop.ts'
import { readWorkerConfiguration } from './configuration.ts'
import { prepareDatabase, WORKER_ROLE } from './data-plane.ts'
import { startPollLoop } from './poll-loop.ts'
import { type ScrubLoop, startScrubLoop } from './scrub/scrub-loop.ts'
import { startDeliveries } from './start-deliveries.ts'
import { LOG_GROWN } from './tenants/tenants.sql.ts'

/** Checkpoints of all customers whose parts are written are looked for this often. */
const CHECKS_POLL_MS = 500

/**
 * The worker process of a plane: provisioning, recomputation, signing, anchoring, confirmation, scrubbing,
 * webhooks. `atStep`: called at the places where a crash may come between; for fault injection.
 */
export async function startWorker(
  { log, onClose }: Startup,
  atStep: WorkerContext['atStep'] = async () => {},
): Promise<object> {
  const configuration = readWorkerConfiguration(process.env)
  const { databaseUrl: url, environment, host } = configuration
  await prepareDatabase(url, log)
  const pool = { url, role: WORKER_ROLE, applicationName: `${environment} worker`, pipeline: true }
  const db = createPool({ ...pool, max: 10 })
  onClose(() => db.end())
  if (!configuration.unsafeDatabase) await requireDurableDatabase(db)

  const context: WorkerContext = {
    db,
    clock: systemClock,
    randomBytes,
    log,
    fileAnchor: new FileAnchor(configuration.anchorDir, { writer: randomUUID() }),
    memory: new VerifiedMemory(),
    masterKey: configuration.masterKey,
    logHost: configuration.logHost,
    atStep,
  }
  const loop = startVerifyLoop(context)
  const scrubbing = startScrubLoop(context, {
    rowsPerSecond: configuration.scrubRowsPerSecond,
    isBusy: () => loop.isBusy,
  })
  const registry = createRegistry()
  startDeliveries(configuration, { log, onClose, pool, registry, isBurst: () => loop.isBurst })
  showScrubbing(registry, scrubbing)
  const listener = listen({
    ...pool,
    channel: LOG_GROWN,
    onNotify: () => loop.wake(),
    onLost: () => loop.compareAll(),
  })
  const privateServer = await createPrivateServer({
    checks: [{ name: 'database', check: () => db.query('select 1') }],
    registry,
    log,
    clock: systemClock,
  })
  const checks = startPollLoop(
    () => checkCuts(context),
    CHECKS_POLL_MS,
    (error) => log.error({ err: error }, 'checkpoints could not be checked'),
  )
  onClose(() => checks.stop())
  onClose(() => loop.stop())
  onClose(() => scrubbing.stop())
  onClose(() => listener.close())
  onClose(() => privateServer.close())
  const { url: privateUrl } = await privateServer.listen({ host, port: configuration.privatePort })
  return { privateUrl }
}

function showScrubbing(registry: ReturnType<typeof createRegistry>, { scrubber }: ScrubLoop): void {
  showFigures(registry, [
    {
      name: 'pacspace_scrub_damaged_logs',
      help: 'Logs whose stored data is damaged: call somebody',
      value: () => scrubber.figures.damagedLogs,
    },
    {
      name: 'pacspace_scrub_rows',
      help: 'Old rows derived again since the start',
      value: () => scrubber.figures.rows,
    },
    {
      name: 'pacspace_scrub_cycles',
      help: 'Times that every log was walked since the start',
      value: () => scrubber.figures.cycles,
    },
    {
      name: 'pacspace_scrub_last_cycle_seconds',
      help: 'Time of the last walk over every log',
      value: () => scrubber.figures.lastCycleMs / 1_000,
    },
  ])
}
