import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId, type TenantId } from '@pacspace/api/id'
import { createPlaneKey, getPlaneTenant, provisionTenant } from '@pacspace/api/internal/plane'
import { createPlaneWebhook } from '@pacspace/api/internal/plane-webhooks'
import { type Cluster, startCluster } from '@pacspace/service/embedded-postgres/cluster'
import { ensureDatabase } from '@pacspace/service/embedded-postgres/database'
import { freePort } from '@pacspace/service/embedded-postgres/free-port'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { createInternalClient, type InternalClient } from '@pacspace/service/internal-client'
import { createPool, type Pool } from '@pacspace/service/postgres'
import { randomBytes } from '@pacspace/service/random'
import { repositoryRoot } from '../start/repository-root.ts'
import type { LoadPlan, LoadResult } from './load.ts'

const READY_TIMEOUT_MS = 60_000
/** As the supervisor runs it: verification may wait, answers may not. */
const WORKER_NICENESS = 19
/** Far above what any machine does: the bench measures the ledger, not the rate limit. */
const RATE_PER_SECOND = 1_000_000

const followParent = import.meta.resolve('../start/follow-parent.ts')

/** A data plane as in production (api and worker processes, fsync on), the bare ceiling beside it, and a load generator. */
export interface BenchPlane extends AsyncDisposable {
  readonly host: string
  readonly port: number
  readonly barePort: number
  /** The bare ceiling without the indexes of a ledger. */
  readonly heapPort: number
  /** As the owner of the plane's tables. */
  readonly db: Pool
  /** Where the worker keeps its file anchors. */
  readonly anchorDir: string
  /** A tenant without limits; answers an API key. */
  newTenant(): Promise<{ readonly key: string }>
  /** The same with a webhook endpoint that is sent `delta.verified`. */
  newSubscriber(url: string): Promise<{ readonly key: string }>
  /** Nothing is sent to any webhook endpoint any more. */
  unsubscribeAll(): Promise<void>
  /** Throws when anything was refused: such a figure would mean nothing. */
  load(plan: LoadPlan): Promise<LoadResult>
  /** Resident memory of the api process, bytes. */
  apiMemory(): Promise<number>
}

export interface BenchPlaneOptions {
  /** Where the processes of the plane write CPU profiles when they end. */
  readonly profileDir?: string | undefined
}

interface Ports {
  readonly api: number
  readonly apiPrivate: number
  readonly worker: number
  readonly bare: number
  readonly heap: number
}

/** Starts everything in a folder of its own. */
export async function startBenchPlane({ profileDir }: BenchPlaneOptions): Promise<BenchPlane> {
  const folder = await mkdtemp(join(tmpdir(), 'pacspace-bench-'))
  await chmod(folder, 0o711) // run by root, PostgreSQL is another user
  const cluster = await startCluster({
    dir: join(folder, 'postgres'),
    superuser: 'postgres',
    durability: 'full',
    temporary: true,
  })
  for (const database of ['plane', 'bare']) await ensureDatabase(cluster.url('postgres'), database)
  const anchorDir = join(folder, 'anchors')
  await mkdir(anchorDir)
  const ports = {
    api: await freePort(),
    apiPrivate: await freePort(),
    worker: await freePort(),
    bare: await freePort(),
    heap: await freePort(),
  }
  const secret = Buffer.from(randomBytes(32)).toString('hex')
  const children = startProcesses(environmentsOf(cluster, anchorDir, ports, secret), profileDir)
  for (const port of [ports.apiPrivate, ports.worker, ports.bare, ports.heap]) await requireReady(port)

  const internal = createInternalClient({ baseUrl: `http://127.0.0.1:${ports.apiPrivate}`, secret })
  const db = createPool({
    url: cluster.url('plane'),
    applicationName: 'bench',
    max: 2,
    statementTimeoutMs: 0,
  })
  return {
    host: '127.0.0.1',
    port: ports.api,
    barePort: ports.bare,
    heapPort: ports.heap,
    db,
    anchorDir,
    newTenant: () => newTenant(internal),
    async newSubscriber(url) {
      const { key, tenantId } = await newTenant(internal)
      const body = { url, events: ['delta.verified' as const] }
      await internal.call(createPlaneWebhook, { params: { tenantId }, body })
      return { key }
    },
    async unsubscribeAll() {
      await db.query('update webhook_endpoint set active = false')
    },
    load: (plan) => runLoad(children.generator, plan),
    apiMemory: () => residentBytes(ports.apiPrivate),
    async [Symbol.asyncDispose]() {
      await db.end()
      await Promise.all(Object.values(children).map(end))
      await cluster.stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

type ProcessName = 'api' | 'worker' | 'bare' | 'heap' | 'generator'

function environmentsOf(cluster: Cluster, anchorDir: string, ports: Ports, secret: string) {
  const plane = {
    PACSPACE_ENVIRONMENT: 'sandbox',
    PACSPACE_DATABASE_URL: cluster.url('plane'),
    PACSPACE_ANCHOR_DIR: anchorDir,
    PACSPACE_WEBHOOK_KEY: Buffer.from(randomBytes(32)).toString('base64'),
    PACSPACE_WEBHOOK_ALLOW: '127.0.0.1',
    PACSPACE_LOG_LEVEL: 'warn',
  }
  return {
    api: {
      ...plane,
      PACSPACE_PORT: String(ports.api),
      PACSPACE_PRIVATE_PORT: String(ports.apiPrivate),
      PACSPACE_INTERNAL_SECRET: secret,
    },
    worker: {
      ...plane,
      PACSPACE_PRIVATE_PORT: String(ports.worker),
      PACSPACE_MASTER_KEY: Buffer.from(randomBytes(32)).toString('base64'),
      PACSPACE_LOG_HOST: 'bench.pacspace.example',
    },
    bare: { BARE_PORT: String(ports.bare), BARE_DATABASE_URL: cluster.url('bare'), BARE_TABLE: 'ledger' },
    heap: { BARE_PORT: String(ports.heap), BARE_DATABASE_URL: cluster.url('bare'), BARE_TABLE: 'heap' },
    generator: {},
  }
}

function startProcesses(
  environments: Readonly<Record<ProcessName, Readonly<Record<string, string>>>>,
  profileDir: string | undefined,
): Record<ProcessName, ChildProcess> {
  const start = (name: ProcessName, program: string, args: string[] = [], nodeArgs: string[] = []) =>
    fork(join(repositoryRoot, program), args, {
      cwd: repositoryRoot,
      env: { ...environments[name] },
      // A bench that is killed leaves no process behind.
      execArgv: ['--import', followParent, ...nodeArgs],
      stdio: 'inherit',
    })
  const profile = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`]
  const plane = 'apps/data-plane/src/main.ts'
  const children = {
    api: start('api', plane, ['--role', 'api'], profile),
    worker: start('worker', plane, ['--role', 'worker'], profile),
    bare: start('bare', 'apps/cli/src/bench/bare-ceiling.ts'),
    heap: start('heap', 'apps/cli/src/bench/bare-ceiling.ts'),
    generator: start('generator', 'apps/cli/src/bench/load-generator.ts'),
  }
  if (children.worker.pid !== undefined) setPriority(children.worker.pid, WORKER_NICENESS)
  return children
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
}

async function requireReady(port: number): Promise<void> {
  const isReady = await waitUntil(async () => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    return response?.status === 200
  }, READY_TIMEOUT_MS)
  if (!isReady) throw new Error(`a process of the bench did not become ready on port ${port}`)
}

async function newTenant(
  internal: InternalClient,
): Promise<{ readonly key: string; readonly tenantId: TenantId }> {
  const tenantId = newId('tnt', randomBytes)
  const limits = {
    lifetimeCap: null,
    monthlyAllotment: null,
    ratePerSecond: RATE_PER_SECOND,
    burst: RATE_PER_SECOND,
  }
  const entitlement = { tier: 'enterprise' as const, writesAllowed: true, ...limits }
  const body = { contractId: newId('ctr', randomBytes), entitlement }
  await internal.call(provisionTenant, { params: { tenantId }, body })
  const isActive = await waitUntil(async () => {
    const { status } = await internal.call(getPlaneTenant, { params: { tenantId } })
    return status === 'active'
  }, READY_TIMEOUT_MS)
  if (!isActive) throw new Error('a tenant of the bench did not become active')
  const { fullKey } = await internal.call(createPlaneKey, { params: { tenantId }, body: { name: 'bench' } })
  return { key: fullKey, tenantId }
}

async function runLoad(generator: ChildProcess, plan: LoadPlan): Promise<LoadResult> {
  const answer = Promise.withResolvers<LoadResult>()
  const onExit = () => answer.reject(new Error('the load generator ended'))
  generator.once('message', (result: LoadResult) => answer.resolve(result)).once('exit', onExit)
  generator.send(plan)
  const result = await answer.promise
  generator.off('exit', onExit)
  if (Object.keys(result.refused).length > 0) {
    throw new Error(`Refused under load, so that the figure means nothing: ${JSON.stringify(result.refused)}`)
  }
  return result
}

async function residentBytes(privatePort: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${privatePort}/metrics`)).text()
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1] ?? Number.NaN)
}
