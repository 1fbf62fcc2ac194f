import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newApiKey } from '@pacspace/api/api-key'
import { permissions as allPermissions, type Permission } from '@pacspace/api/endpoint'
import type { Environment } from '@pacspace/api/environment'
import { newId, type TenantId } from '@pacspace/api/id'
import * as plane from '@pacspace/api/internal/plane'
import { plans, type Tier } from '@pacspace/api/plan'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import type { HttpService } from '@pacspace/service/http'
import { silentLog } from '@pacspace/service/log'
import { createPool, type Pool } from '@pacspace/service/postgres'
import { createPrivateServer, createRegistry } from '@pacspace/service/private-server'
import { randomBytes } from '@pacspace/service/random'
import { type TestClient, testClient } from '@pacspace/testing/test-client'
import { type TestDatabase, templateDatabase } from '@pacspace/testing/test-postgres'
import type { AnchorFiles } from '../anchors/anchor-files.ts'
import { checkCuts } from '../anchors/check-cuts.ts'
import { confirm } from '../anchors/confirm.ts'
import type { WorkerContext } from '../anchors/context.ts'
import { FileAnchor } from '../anchors/file-anchor.ts'
import { integrate } from '../anchors/integrate.ts'
import { provisionWaiting } from '../anchors/provision-log.ts'
import { VerifiedMemory } from '../anchors/verified-memory.ts'
import { buildCuts, type CutContext } from '../checkpoints/front-door.ts'
import type { DataPlaneContext } from '../context.ts'
import {
  API_ROLE,
  createDataPlane,
  internalImplementations,
  MIGRATIONS,
  prepareDatabase,
  WORKER_ROLE,
} from '../data-plane.ts'
import { fsck } from '../fsck/fsck.ts'
import { KeyAuthenticator } from '../keys/authenticate-key.ts'
import { RequestLimits } from '../keys/limit-requests.ts'
import { createAppend } from '../ledger/create-append.ts'
import { StreamSlots } from '../ledger/stream-slots.ts'
import { VerifiedWatch } from '../ledger/verified-watch.ts'
import { RenderedEvents } from '../webhooks/rendered-events.ts'
import { parseAllowList, type Resolve, type TargetRules } from '../webhooks/target-rules.ts'
import { OffsetClock } from './offset-clock.ts'

const template = templateDatabase({
  name: 'data_plane',
  migrate: (url) => prepareDatabase(url, silentLog),
  version: MIGRATIONS,
})

/** What verify URLs of test planes begin with. */
export const TEST_PUBLIC_URL = 'https://pacspace.test'

const INTERNAL_SECRET = 'test-internal-secret-of-forty-characters'
const MASTER_KEY = Buffer.alloc(32, 7)
export const WEBHOOK_KEY = Buffer.alloc(32, 9)
/** What every host name resolves to unless a test says otherwise: nobody is asked. */
const PUBLIC_ADDRESS = '93.184.215.14'
/** Commits at once. */
const LANES = 4
const PROVISIONED_MS_MAX = 60_000

/** A tenant with an active environment and a key with full access. */
export interface TestTenant {
  readonly tenantId: TenantId
  readonly tenantNo: number
  readonly key: string
}

/** A data plane inside the test's process: real HTTP, real PostgreSQL, real files; the worker moves when told to. */
export interface TestDataPlane extends AsyncDisposable {
  readonly client: TestClient
  /** The same plane, for whom one request of each key, tenant and address is all there is: no token ever comes back. */
  readonly miserly: TestClient
  readonly internal: TestClient
  readonly internalSecret: string
  readonly database: TestDatabase
  /** The database's owner: for looking at rows and for damaging them. */
  readonly owner: Pool
  readonly clock: OffsetClock
  readonly context: DataPlaneContext
  /** What builds checkpoints of all customers in an api process. */
  readonly cuts: CutContext
  readonly worker: WorkerContext
  readonly keys: KeyAuthenticator
  readonly anchorDir: string
  newTenant(options?: { readonly tier?: Tier }): Promise<TestTenant>
  newKey(
    tenantId: TenantId,
    permissions?: readonly Permission[],
  ): Promise<{ readonly id: string; readonly fullKey: string }>
  /** Runs the worker until nothing is left to do for any tenant. */
  verifyAll(): Promise<void>
  /** Ends a test: everything is verified, re-derived and equal. Fails naming each finding. */
  requireSound(): Promise<void>
}

/** Where a plane keeps what it knows. */
export interface TestStore {
  readonly database: TestDatabase
  readonly anchorDir: string
}

export interface TestDataPlaneOptions {
  /** A store that is there already: another process on the same database, or the same one started again. Not removed. */
  readonly store?: TestStore
  /** How appends reach the database, where not by its own URL: through a proxy that fails. */
  readonly appendUrl?: string
  /** How the worker reaches it. */
  readonly workerUrl?: string
  /** What the worker's anchor does with files. */
  readonly anchorFiles?: AnchorFiles
  /** Where webhooks may be sent; default: nowhere private. */
  readonly targetRules?: TargetRules
  /** Default: every name is a public address. */
  readonly resolve?: Resolve
}

/** An empty database of the plane's schema, and a folder for its anchor. The caller removes both. */
export async function createTestStore(): Promise<TestStore> {
  return {
    database: await template.createTestDatabase(),
    anchorDir: await mkdtemp(join(tmpdir(), 'pacspace-anchor-')),
  }
}

/** Drops a store's database and removes its anchor. */
export async function removeTestStore({ database, anchorDir }: TestStore): Promise<void> {
  await database.drop()
  await rm(anchorDir, { recursive: true, force: true })
}

/** Starts one, by default on a database of its own. */
export async function startTestDataPlane(
  environment: Environment = 'sandbox',
  options: TestDataPlaneOptions = {},
): Promise<TestDataPlane> {
  const store = options.store ?? (await createTestStore())
  const { database, anchorDir } = store
  const pools = testPools(database, options)
  const clock = new OffsetClock()
  const fileAnchor = new FileAnchor(anchorDir, {
    writer: randomUUID(),
    ...(options.anchorFiles && { files: options.anchorFiles }),
  })
  const worker = workerContext(pools.worker, clock, fileAnchor)
  const keys = new KeyAuthenticator(pools.db, environment, clock)
  const watch = new VerifiedWatch(pools.db)
  const base = { environment, db: pools.db, clock, randomBytes }
  const appendParts = { lanes: pools.lanes, laneCount: LANES, fileAnchor, onCommitted: () => {} }
  const appends = createAppend({ ...base, ...appendParts })
  const cuts = { db: pools.db, log: silentLog, appendCutEntry: appends.appendCutEntry }
  const context: DataPlaneContext = {
    ...base,
    publicUrl: TEST_PUBLIC_URL,
    anchor: fileAnchor,
    watch,
    streams: new StreamSlots(),
    mayStill: (key, permission) => keys.mayStill(key, permission),
    ...appends,
    onKeysChanged: () => keys.forget(),
    webhooks: webhookSettings(pools.db, environment, options),
    onDeliveryDue: () => {},
  }
  const { services, client, miserly, internal } = await serve(context, keys)
  const { owner } = pools
  return {
    client,
    miserly,
    internal,
    internalSecret: INTERNAL_SECRET,
    database,
    owner,
    clock,
    context,
    cuts,
    worker,
    keys,
    anchorDir,
    newTenant: (options) => newTenant(internal, worker, owner, options?.tier ?? 'growth'),
    newKey: (tenantId, permissions) => newKey(internal, tenantId, permissions ?? allPermissions),
    verifyAll: () => verifyAll(worker, owner, cuts),
    requireSound: async () => {
      await verifyAll(worker, owner, cuts)
      const report = await fsck({ db: owner, fileAnchor })
      if (report.findings.length > 0) throw new Error(`fsck: ${report.findings.join('\n')}`)
    },
    [Symbol.asyncDispose]: async () => {
      watch.close()
      await closeAll(services, Object.values(pools))
      if (options.store === undefined) await removeTestStore(store)
    },
  }
}

function webhookSettings(
  db: Pool,
  environment: Environment,
  options: TestDataPlaneOptions,
): DataPlaneContext['webhooks'] {
  return {
    key: WEBHOOK_KEY,
    rules: options.targetRules ?? { httpsOnly: environment === 'production', allow: parseAllowList([]) },
    resolve: options.resolve ?? (async () => [PUBLIC_ADDRESS]),
    rendered: new RenderedEvents(db, environment),
  }
}

function testPools(database: TestDatabase, options: TestDataPlaneOptions) {
  return {
    db: testPool(database.url, API_ROLE, 8),
    lanes: testPool(options.appendUrl ?? database.url, API_ROLE, LANES, true),
    worker: testPool(options.workerUrl ?? database.url, WORKER_ROLE, 6),
    owner: testPool(database.url, undefined, 2),
  }
}

function testPool(url: string, role: string | undefined, max: number, plansOnce = false): Pool {
  const options = { url, applicationName: 'test', max, pipeline: true, plansOnce }
  return createPool(role === undefined ? options : { ...options, role })
}

function workerContext(db: Pool, clock: OffsetClock, fileAnchor: FileAnchor): WorkerContext {
  return {
    db,
    clock,
    randomBytes,
    log: silentLog,
    fileAnchor,
    memory: new VerifiedMemory(),
    masterKey: MASTER_KEY,
    logHost: 'test.pacspace.example',
    atStep: async () => {},
  }
}

/** Tests are not what limits are for, where they are not about them. */
const PLENTY = { perSecond: 1_000_000, burst: 1_000_000 }
const generousLimits = new RequestLimits({ publicPolicy: PLENTY })

/** Both ports of an api process, each on a free one. */
async function serve(context: DataPlaneContext, keys: KeyAuthenticator) {
  const service = await createDataPlane(context, keys, generousLimits, { log: silentLog })
  const miserlyLimits = new RequestLimits({ nowMs: () => 0, processes: Number.MAX_SAFE_INTEGER })
  const miserlyService = await createDataPlane(context, keys, miserlyLimits, { log: silentLog })
  const privateServer = await createPrivateServer({
    checks: [],
    registry: createRegistry(),
    log: silentLog,
    clock: context.clock,
    internal: { implementations: internalImplementations, context, secret: INTERNAL_SECRET },
  })
  const anyPort = { host: '127.0.0.1', port: 0 }
  const { url } = await service.listen(anyPort)
  const { url: miserlyUrl } = await miserlyService.listen(anyPort)
  const { url: privateUrl } = await privateServer.listen(anyPort)
  return {
    services: [service, miserlyService, privateServer],
    client: testClient(url),
    miserly: testClient(miserlyUrl),
    internal: testClient(privateUrl),
  }
}

async function closeAll(services: readonly HttpService[], pools: readonly Pool[]): Promise<void> {
  await Promise.all(services.map((service) => service.close()))
  await Promise.all(pools.map((pool) => pool.end()))
}

async function newTenant(
  internal: TestClient,
  worker: WorkerContext,
  owner: Pool,
  tier: Tier,
): Promise<TestTenant> {
  const tenantId = newId('tnt', randomBytes)
  const { lifetimeCap, monthlyAllotment } = plans[tier]
  const rate = { ratePerSecond: PLENTY.perSecond, burst: PLENTY.burst }
  await internal.succeed(plane.provisionTenant, {
    token: INTERNAL_SECRET,
    params: { tenantId },
    body: {
      contractId: newId('ctr', randomBytes),
      entitlement: { tier, lifetimeCap, monthlyAllotment, writesAllowed: true, ...rate },
    },
  })
  const isActive = await waitUntil(async () => {
    await provisionWaiting(worker)
    // Not by what that did: another caller's round may be at work on this tenant.
    const call = { token: INTERNAL_SECRET, params: { tenantId } }
    return (await internal.succeed(plane.getPlaneTenant, call)).status === 'active'
  }, PROVISIONED_MS_MAX)
  if (!isActive) throw new Error('the tenant was not provisioned')
  const { rows } = await owner.query<{ id: number }>('select id from tenant where public_id = $1', [tenantId])
  const [row] = rows
  if (row === undefined) throw new Error('provisioning left no tenant')
  const { fullKey } = await newKey(internal, tenantId, allPermissions)
  return { tenantId, tenantNo: row.id, key: fullKey }
}

async function newKey(internal: TestClient, tenantId: TenantId, permissions: readonly Permission[]) {
  return internal.succeed(plane.createPlaneKey, {
    token: INTERNAL_SECRET,
    params: { tenantId },
    body: { name: 'test key', permissions },
  })
}

async function verifyAll(worker: WorkerContext, owner: Pool, cuts: CutContext): Promise<void> {
  const { rows } = await owner.query<{ tenant_id: number }>('select tenant_id from log order by tenant_id')
  let isBusy = true
  while (isBusy) {
    for (const { tenant_id: tenantNo } of rows) {
      while ((await integrate(worker, tenantNo)) === 'grown');
      await confirm(worker, tenantNo)
    }
    const steps = [await buildCuts(cuts), await checkCuts(worker)]
    isBusy = steps.includes(true)
  }
}

/** A well-formed key that no plane ever made. */
export function unknownKey(environment: Environment): string {
  return newApiKey(environment, randomBytes).fullKey
}
