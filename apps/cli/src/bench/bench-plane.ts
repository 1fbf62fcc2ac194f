import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newId } from '@pacspace/api/id'
import { createPlaneKey, getPlaneTenant, provisionTenant } from '@pacspace/api/internal/plane'
import { plans } from '@pacspace/api/plan'
import { type Cluster, startCluster } from '@pacspace/service/embedded-postgres/cluster'
import { ensureDatabase } from '@pacspace/service/embedded-postgres/database'
import { freePort } from '@pacspace/service/embedded-postgres/free-port'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { createInternalClient, type InternalClient } from '@pacspace/service/internal-client'
import { createPool, type Pool } from '@pacspace/service/postgres'
import { randomBytes } from '@pacspace/service/random'
import type { LoadPlan, LoadResult } from './load.ts'

const READY_TIMEOUT_MS = 60_000
/** As the supervisor runs it: verification may wait, answers may not. */
const WORKER_NICENESS = 10

/** A data plane as in production (api and worker processes, fsync on), the bare ceiling beside it, and a load generator. */
export interface BenchPlane {
  readonly host: string
  readonly port: number
  readonly barePort: number
  /** As the owner of the plane's tables. */
  readonly db: Pool
  /** A tenant on the Scale plan with a key; answers the key. */
  newTenant(): Promise<{ readonly key: string }>
  load(plan: LoadPlan): Promise<LoadResult>
  /** Resident memory of the api process, bytes. */
  apiMemory(): Promise<number>
  stop(): Promise<void>
}

/** Starts everything in a folder of its own. */
export async function startBenchPlane(): Promise<BenchPlane> {
  const folder = await mkdtemp(join(tmpdir(), 'pacspace-bench-'))
  const cluster = await startCluster({
    dir: join(folder, 'postgres'),
    superuser: 'postgres',
    durability: 'full',
    temporary: true,
  })
  for (const database of ['plane', 'bare']) await ensureDatabase(cluster.url('postgres'), database)
  const children: ChildProcess[] = []
  const ports = {
    api: await freePort(),
    apiPrivate: await freePort(),
    worker: await freePort(),
    bare: await freePort(),
  }
  const secret = Buffer.from(randomBytes(32)).toString('hex')
  const environment = await environmentOf(cluster, folder, ports, secret)
  const api = start(children, 'apps/data-plane/src/main.ts', ['--role', 'api'], environment.api)
  const worker = start(children, 'apps/data-plane/src/main.ts', ['--role', 'worker'], environment.worker)
  start(children, 'apps/cli/src/bench/bare-ceiling.ts', [String(ports.bare), cluster.url('bare')], {})
  const generator = start(children, 'apps/cli/src/bench/load-generator.ts', [], {})
  if (worker.pid !== undefined) setPriority(worker.pid, WORKER_NICENESS)
  for (const port of [ports.apiPrivate, ports.worker, ports.bare]) await requireReady(port)

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
    db,
    newTenant: () => newTenant(internal),
    load: (plan) => runLoad(generator, plan),
    apiMemory: () => residentBytes(ports.apiPrivate),
    stop: async () => {
      await db.end()
      for (const child of children) child.kill(child === api || child === worker ? 'SIGTERM' : 'SIGKILL')
      await Promise.all(children.map((child) => (child.exitCode === null ? once(child, 'exit') : undefined)))
      await cluster.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function environmentOf(
  cluster: Cluster,
  folder: string,
  ports: { readonly api: number; readonly apiPrivate: number; readonly worker: number },
  secret: string,
) {
  const anchorDir = join(folder, 'anchors')
  await mkdir(anchorDir)
  const both = {
    PACSPACE_ENVIRONMENT: 'sandbox',
    PACSPACE_DATABASE_URL: cluster.url('plane'),
    PACSPACE_ANCHOR_DIR: anchorDir,
    PACSPACE_LOG_LEVEL: 'warn',
  }
  return {
    api: {
      ...both,
      PACSPACE_PORT: String(ports.api),
      PACSPACE_PRIVATE_PORT: String(ports.apiPrivate),
      PACSPACE_INTERNAL_SECRET: secret,
    },
    worker: {
      ...both,
      PACSPACE_PRIVATE_PORT: String(ports.worker),
      PACSPACE_MASTER_KEY: Buffer.from(randomBytes(32)).toString('base64'),
      PACSPACE_LOG_HOST: 'bench.pacspace.example',
    },
  }
}

function start(
  children: ChildProcess[],
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  const path = fileURLToPath(new URL(`../../../../${program}`, import.meta.url))
  const child = fork(path, args, { env: { PATH: process.env.PATH ?? '', ...environment }, stdio: 'inherit' })
  children.push(child)
  return child
}

async function requireReady(port: number): Promise<void> {
  const isReady = await waitUntil(async () => {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined)
    return response?.status === 200
  }, READY_TIMEOUT_MS)
  if (!isReady) throw new Error(`a process of the bench did not become ready on port ${port}`)
}

async function newTenant(internal: InternalClient): Promise<{ readonly key: string }> {
  const tenantId = newId('tnt', randomBytes)
  const { tier, lifetimeCap, ratePerSecond, burst } = plans.scale
  const entitlement = { tier, lifetimeCap, writesAllowed: true, ratePerSecond, burst }
  const body = { contractId: newId('ctr', randomBytes), entitlement }
  await internal.call(provisionTenant, { params: { tenantId }, body })
  const isActive = await waitUntil(async () => {
    const { status } = await internal.call(getPlaneTenant, { params: { tenantId } })
    return status === 'active'
  }, READY_TIMEOUT_MS)
  if (!isActive) throw new Error('a tenant of the bench did not become active')
  const { fullKey } = await internal.call(createPlaneKey, { params: { tenantId }, body: { name: 'bench' } })
  return { key: fullKey }
}

async function runLoad(generator: ChildProcess, plan: LoadPlan): Promise<LoadResult> {
  const answered = once(generator, 'message')
  generator.send(plan)
  const [result] = (await answered) as [LoadResult] // the one message that load-generator.ts sends
  const refusals = Object.entries(result.refused)
  if (refusals.length > 0) process.stderr.write(`  refused: ${JSON.stringify(result.refused)}\n`)
  return result
}

async function residentBytes(privatePort: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${privatePort}/metrics`)).text()
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1] ?? Number.NaN)
}
