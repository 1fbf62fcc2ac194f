import { httpMetrics } from '@pacspace/service/answer-tally'
import { systemClock } from '@pacspace/service/clock'
import { requireDurableDatabase } from '@pacspace/service/durable-database'
import { type ListenOptions, listen } from '@pacspace/service/listen'
import { createPool, type Pool } from '@pacspace/service/postgres'
import { createPrivateServer, createRegistry } from '@pacspace/service/private-server'
import { randomBytes } from '@pacspace/service/random'
import type { Startup } from '@pacspace/service/service-main'
import { LOG_VERIFIED } from './anchors/anchors.sql.ts'
import { FileAnchor } from './anchors/front-door.ts'
import { buildCuts, type CutContext } from './checkpoints/front-door.ts'
import { coalesce } from './coalesce.ts'
import { type ApiConfiguration, readApiConfiguration, targetRulesOf } from './configuration.ts'
import type { DataPlaneContext } from './context.ts'
import { API_ROLE, createDataPlane, internalImplementations, prepareDatabase } from './data-plane.ts'
import { KEY_USES_FLUSH_MS, KeyAuthenticator } from './keys/authenticate-key.ts'
import { KEYS_CHANGED, notifyKeysChanged } from './keys/keys.sql.ts'
import { RequestLimits } from './keys/limit-requests.ts'
import { createAppend } from './ledger/create-append.ts'
import { StreamSlots } from './ledger/stream-slots.ts'
import { VerifiedWatch } from './ledger/verified-watch.ts'
import { startPollLoop } from './poll-loop.ts'
import { notifyLogGrown } from './tenants/tenants.sql.ts'
import { RenderedEvents } from './webhooks/rendered-events.ts'
import { systemResolve } from './webhooks/target-rules.ts'
import { notifyDeliveryDue } from './webhooks/webhooks.sql.ts'

/** Workers are told of new rows at most this often; they poll as well. */
const NOTIFY_PAUSE_MS = 20

/** Checkpoints of all customers that are being built are looked for this often. */
const CUTS_POLL_MS = 500

/** No request needs a statement half as long; a client is told 503 before it gives up (our SDK: 30 s). */
const STATEMENT_MS_MAX = 10_000

/** The api process of a plane: Balance API, public log, internal API on the private port. */
export async function startApi({ log, onClose }: Startup): Promise<object> {
  const configuration = readApiConfiguration(process.env)
  const { databaseUrl: url, environment, host } = configuration
  await prepareDatabase(url, log)
  const pool = {
    url,
    role: API_ROLE,
    applicationName: `${environment} api`,
    pipeline: true,
    statementTimeoutMs: STATEMENT_MS_MAX,
  }
  const db = createPool({ ...pool, max: 10 })
  onClose(() => db.end())
  if (!configuration.unsafeDatabase) await requireDurableDatabase(db)
  const appending = { applicationName: `${environment} append`, max: configuration.lanes, plansOnce: true }
  const lanes = createPool({ ...pool, ...appending })
  onClose(() => lanes.end())

  const clock = systemClock
  const keys = new KeyAuthenticator(db, environment, clock)
  const limits = new RequestLimits({ processes: configuration.apiProcesses })
  const ignore = ignoring(log)
  const watch = new VerifiedWatch(db)
  const anchor = new FileAnchor(configuration.anchorDir)
  const onCommitted = coalesce(() => void notifyLogGrown(db).catch(ignore), NOTIFY_PAUSE_MS)
  const laneCount = configuration.lanes
  const base = { environment, db, clock, randomBytes }
  const appends = createAppend({ ...base, lanes, laneCount, fileAnchor: anchor, onCommitted })
  const context: DataPlaneContext = {
    ...base,
    publicUrl: configuration.publicUrl?.replace(/\/+$/, '') ?? null,
    anchor,
    watch,
    streams: new StreamSlots(),
    mayStill: (key, permission) => keys.mayStill(key, permission),
    ...appends,
    onKeysChanged: () => forgetEverywhere(keys, db, ignore),
    ...webhookParts(configuration, db, ignore),
  }
  const registry = createRegistry()
  const service = await createDataPlane(context, keys, limits, {
    log,
    trustedProxies: configuration.trustedProxies,
    ownOrigins: configuration.publicUrl === undefined ? [] : [new URL(configuration.publicUrl).origin],
    onAnswer: httpMetrics(registry),
  })
  const privateServer = await createPrivateServer({
    checks: [{ name: 'database', check: () => db.query('select 1') }],
    registry,
    log,
    clock,
    internal: { implementations: internalImplementations, context, secret: configuration.internalSecret },
  })
  hear(pool, keys, watch, { onClose, ignore })
  buildCheckpoints({ db, log, appendCutEntry: appends.appendCutEntry }, onClose)
  onClose(() => privateServer.close())
  onClose(() => service.close())
  // Before the service drains: whoever waits gets the present status now.
  onClose(async () => watch.close())
  onClose(async () => privateServer.leave())

  const { url: privateUrl } = await privateServer.listen({ host, port: configuration.privatePort })
  const { url: publicUrl } = await service.listen({ host, port: configuration.port })
  return { url: publicUrl, privateUrl }
}

/** Builds checkpoints of all customers behind their cuts, until the process closes. */
function buildCheckpoints(context: CutContext, onClose: Startup['onClose']): void {
  const loop = startPollLoop(
    () => buildCuts(context),
    CUTS_POLL_MS,
    (error) => context.log.error({ err: error }, 'checkpoints could not be built'),
  )
  onClose(() => loop.stop())
}

/** Keys changed: this process forgets what it remembers of them, and tells the others. */
function forgetEverywhere(keys: KeyAuthenticator, db: Pool, ignore: (error: unknown) => void): void {
  keys.forget()
  notifyKeysChanged(db).catch(ignore)
}

/** Hears what other processes say of keys and of verification, and writes down when keys were used. */
function hear(
  pool: Pick<ListenOptions, 'url' | 'role' | 'applicationName'>,
  keys: KeyAuthenticator,
  watch: VerifiedWatch,
  { onClose, ignore }: Pick<Startup, 'onClose'> & { readonly ignore: (error: unknown) => void },
): void {
  const onKeys = () => keys.forget()
  const onVerified = () => watch.wake()
  const ofKeys = listen({ ...pool, channel: KEYS_CHANGED, onNotify: onKeys, onLost: onKeys })
  const ofVerification = listen({ ...pool, channel: LOG_VERIFIED, onNotify: onVerified, onLost: onVerified })
  const flush = setInterval(() => void keys.flushUses().catch(ignore), KEY_USES_FLUSH_MS)
  onClose(async () => {
    clearInterval(flush)
    await keys.flushUses().catch(ignore)
  })
  onClose(() => ofKeys.close())
  onClose(() => ofVerification.close())
}

function webhookParts(
  configuration: ApiConfiguration,
  db: Pool,
  ignore: (error: unknown) => void,
): Pick<DataPlaneContext, 'webhooks' | 'onDeliveryDue'> {
  const webhooks = {
    key: configuration.webhookKey,
    rules: targetRulesOf(configuration),
    resolve: systemResolve,
    rendered: new RenderedEvents(db, configuration.environment),
  }
  return { webhooks, onDeliveryDue: () => void notifyDeliveryDue(db).catch(ignore) }
}

/** Notifications are hints: a failed one costs 200 ms of latency, or a key 4 s of life. */
function ignoring(log: Startup['log']): (error: unknown) => void {
  return (error) => log.debug({ err: error }, 'notification failed')
}
