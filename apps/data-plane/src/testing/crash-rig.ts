import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { permissions } from '@pacspace/api/endpoint'
import { newId, type TenantId } from '@pacspace/api/id'
import * as plane from '@pacspace/api/internal/plane'
import { unsafeDatabase } from '@pacspace/service/durable-database'
import { type Cluster, startCluster } from '@pacspace/service/embedded-postgres/cluster'
import { ensureDatabase } from '@pacspace/service/embedded-postgres/database'
import { freePort } from '@pacspace/service/embedded-postgres/free-port'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { createPool, type Pool } from '@pacspace/service/postgres'
import { randomBytes } from '@pacspace/service/random'
import { type ServiceProcess, startServiceProcess } from '@pacspace/testing/service-process'
import { type TestClient, testClient } from '@pacspace/testing/test-client'
import { FileAnchor } from '../anchors/front-door.ts'
import { fsck } from '../fsck/fsck.ts'

/** What a test calls the rig's internal API with. */
export const INTERNAL_SECRET = 'crash-internal-secret-of-forty-characters'
const MASTER_KEY = Buffer.alloc(32, 7).toString('base64')
const WEBHOOK_KEY = Buffer.alloc(32, 9).toString('base64')
const DATABASE = 'plane'
const PROVISIONED_MS_MAX = 60_000

/** A process of a plane that can be killed and started again at the same ports. */
export interface PlaneProcess {
  readonly privateUrl: string
  /** SIGKILL; resolves when it is gone. */
  kill9(): Promise<void>
  /** Whether it has ended, by itself or killed. */
  readonly isGone: boolean
  /** Starts it again after it is gone. */
  restart(): Promise<void>
  /** Lines of the log of the present run. */
  readonly log: readonly string[]
}

export interface ApiProcess extends PlaneProcess {
  readonly client: TestClient
}

/** A tenant of the rig; nothing limits its rate. */
export interface CrashTenant {
  readonly tenantId: TenantId
  readonly tenantNo: number
  readonly key: string
}

/**
 * A data plane as it runs in production, to be killed: a PostgreSQL cluster of its own with fsync on, on a real disk, and
 * real processes, which refuse an unsafe database.
 */
export interface CrashRig extends AsyncDisposable {
  /** The database's owner; survives crashes of the server. */
  readonly owner: Pool
  readonly databaseUrl: string
  /** Starts an api process. `databaseUrl`: another way to the database, through a proxy. */
  startApi(databaseUrl?: string): Promise<ApiProcess>
  startWorker(options?: WorkerOptions): Promise<PlaneProcess>
  /** Needs an api and a worker. */
  newTenant(api: ApiProcess): Promise<CrashTenant>
  /** kill -9 of the PostgreSQL server with all its backends, and its start again, crash recovery included. */
  crashDatabase(): Promise<void>
  /** Ends the server as an operator does; `startDatabase` brings it back at the same port. */
  stopDatabase(): Promise<void>
  startDatabase(): Promise<void>
  /** Stops every process of the rig where it is, the server's too: nothing is written from now on. */
  freeze(): Promise<void>
  /** kill -9 of every process of the rig. */
  killAll(): Promise<void>
  /** Resolves when every log is verified to its end; fails after `timeoutMs`. */
  verified(timeoutMs: number): Promise<void>
  /** Re-derives everything and compares. Fails naming each finding. */
  requireSound(): Promise<void>
}

export interface WorkerOptions {
  /** Another program than the plane's own, which takes the same environment. */
  readonly main?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface CrashRigOptions {
  /** Where cluster and anchor lie, or lay when another rig ended. Default: a new folder, which is removed at the end. */
  readonly folder?: string
  /** Settings of the server. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Starts the cluster; no process yet. */
export async function startCrashRig(options: CrashRigOptions = {}): Promise<CrashRig> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'pacspace-crash-')))
  await chmod(folder, 0o711) // run by root, the server is another user
  const start = await clusterStarter(folder, options.settings ?? {})
  let cluster: Cluster = await start()
  await ensureDatabase(cluster.url('postgres'), DATABASE)
  const databaseUrl = cluster.url(DATABASE)
  const anchorDir = join(folder, 'anchor')
  const owner = createPool({ url: databaseUrl, applicationName: 'crash test', max: 4 })
  const running: ServiceProcess[] = []
  const environment = {
    PACSPACE_ENVIRONMENT: 'sandbox',
    PACSPACE_ANCHOR_DIR: anchorDir,
    PACSPACE_INTERNAL_SECRET: INTERNAL_SECRET,
    PACSPACE_MASTER_KEY: MASTER_KEY,
    PACSPACE_WEBHOOK_KEY: WEBHOOK_KEY,
    PACSPACE_WEBHOOK_ALLOW: '127.0.0.1',
    PACSPACE_LOG_HOST: 'crash.pacspace.example',
    [unsafeDatabase.variable]: 'false',
  }
  const run = launcher(environment, running)
  return {
    owner,
    databaseUrl,
    async startApi(url = databaseUrl) {
      const publicPort = await freePort()
      const env = { PACSPACE_DATABASE_URL: url, PACSPACE_PORT: String(publicPort) }
      const started = await run('apps/data-plane/src/main.ts', 'api', env)
      return Object.assign(started, { client: testClient(`http://127.0.0.1:${publicPort}`) })
    },
    startWorker: ({ main = 'apps/data-plane/src/main.ts', env = {} } = {}) =>
      run(main, 'worker', { PACSPACE_DATABASE_URL: databaseUrl, ...env }),
    newTenant: (api) => newTenant(testClient(api.privateUrl), owner),
    async crashDatabase() {
      await cluster.kill9()
      cluster = await start()
    },
    stopDatabase: () => cluster.stop(),
    async startDatabase() {
      cluster = await start()
    },
    async freeze() {
      for (const service of running) if (!service.isGone) process.kill(service.pid, 'SIGSTOP')
      await stopInPlace(cluster.pid)
    },
    async killAll() {
      await Promise.all(running.map((service) => service.kill9()))
      await cluster.kill9()
    },
    verified: (timeoutMs) => requireVerified(owner, timeoutMs),
    async requireSound() {
      const report = await fsck({ db: owner, fileAnchor: new FileAnchor(anchorDir) })
      if (report.findings.length > 0) throw new Error(`fsck: ${report.findings.join('\n')}`)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(running.map((service) => service.kill9()))
      await owner.end()
      await cluster.stop()
      if (options.folder !== undefined) return
      await rm(cluster.home, { recursive: true, force: true })
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Starts the cluster in `folder`, always at the same port. */
async function clusterStarter(folder: string, settings: Readonly<Record<string, string>>) {
  const port = await freePort()
  return () =>
    startCluster({
      dir: join(folder, 'cluster'),
      port,
      superuser: 'postgres',
      durability: 'full',
      temporary: true,
      settings,
    })
}

/** Starts programs of the plane, each with a private port of its own that it keeps over restarts. Notes them in `running`. */
function launcher(environment: Readonly<Record<string, string>>, running: ServiceProcess[]) {
  return async (main: string, role: string, env: Readonly<Record<string, string>>) => {
    const privatePort = await freePort()
    const privateUrl = `http://127.0.0.1:${privatePort}`
    const launch = async () => {
      const service = await startServiceProcess({
        main,
        args: ['--role', role],
        env: { ...environment, PACSPACE_PRIVATE_PORT: String(privatePort), ...env },
        readyUrl: `${privateUrl}/readyz`,
      })
      running.push(service)
      return service
    }
    let service = await launch()
    return {
      privateUrl,
      kill9: () => service.kill9(),
      async restart() {
        service = await launch()
      },
      get isGone() {
        return service.isGone
      },
      get log() {
        return service.log
      },
    }
  }
}

/** SIGSTOP for a PostgreSQL server: first the postmaster, so that it starts no more, then its processes. Linux. */
async function stopInPlace(postmaster: number): Promise<void> {
  process.kill(postmaster, 'SIGSTOP')
  const children = await readFile(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8')
  for (const pid of children.trim().split(' ')) {
    try {
      process.kill(Number(pid), 'SIGSTOP')
    } catch {
      // It has just ended.
    }
  }
}

async function newTenant(internal: TestClient, owner: Pool): Promise<CrashTenant> {
  const tenantId = newId('tnt', randomBytes)
  const token = INTERNAL_SECRET
  await internal.succeed(plane.provisionTenant, {
    token,
    params: { tenantId },
    body: {
      contractId: newId('ctr', randomBytes),
      entitlement: {
        tier: 'scale',
        lifetimeCap: null,
        monthlyAllotment: null,
        writesAllowed: true,
        ratePerSecond: 1e6,
        burst: 1e6,
      },
    },
  })
  const isActive = async () =>
    (await internal.succeed(plane.getPlaneTenant, { token, params: { tenantId } })).status === 'active'
  if (!(await waitUntil(isActive, PROVISIONED_MS_MAX))) throw new Error('the tenant was not provisioned')
  const { rows } = await owner.query<{ id: number }>('select id from tenant where public_id = $1', [tenantId])
  const { fullKey } = await internal.succeed(plane.createPlaneKey, {
    token,
    params: { tenantId },
    body: { name: 'crash test', permissions: [...permissions] },
  })
  return { tenantId, tenantNo: rows[0]?.id ?? 0, key: fullKey }
}

async function requireVerified(owner: Pool, timeoutMs: number): Promise<void> {
  const unverified = async () => {
    const { rows } = await owner.query<{ tenant_id: number; log_size: number; verified_size: number }>(
      `select h.tenant_id, h.size as log_size, v.size as verified_size
         from log_head h join verified_head v on v.tenant_id = h.tenant_id
        where v.size < h.size`,
    )
    return rows
  }
  const isDone = await waitUntil(async () => (await unverified()).length === 0, timeoutMs)
  if (!isDone) throw new Error(`not verified in ${timeoutMs} ms: ${JSON.stringify(await unverified())}`)
}
