import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { setPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCluster } from '@pacspace/service/embedded-postgres/cluster'
import { ensureDatabase } from '@pacspace/service/embedded-postgres/database'
import { freePort } from '@pacspace/service/embedded-postgres/free-port'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { randomBytes } from '@pacspace/service/random'
import { controlPlanePriority } from '../start/process-plan.ts'
import { repositoryRoot } from '../start/repository-root.ts'

const READY_TIMEOUT_MS = 60_000
/** Nobody listens there: the accounts of the bench have no environments. */
const NOWHERE = 'http://127.0.0.1:9'
const PASSWORD = 'a long enough phrase 7'

const followParent = import.meta.resolve('../start/follow-parent.ts')

/** A control plane as in production: a process and a PostgreSQL of its own, beside the data plane that is measured. */
export interface BenchControlPlane extends AsyncDisposable {
  /** Address of one of the accounts, from 0. */
  emailOf(n: number): string
  /** Posts from an address; whatever the answer, it was read. Throws for 429 and 5xx, which would say nothing. */
  post(path: string, body: object, address: string): Promise<void>
  /** Logs in over and over from `count` people at once until `during` has ended; gives how many log-ins there were. */
  whileLoggingIn<T>(during: () => Promise<T>): Promise<{ readonly result: T; readonly logIns: number }>
}

/** Starts one with accounts for `count` people. */
export async function startBenchControlPlane(count: number): Promise<BenchControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), 'pacspace-bench-control-'))
  await chmod(folder, 0o711) // run by root, PostgreSQL is another user
  const cluster = await startCluster({
    dir: join(folder, 'postgres'),
    superuser: 'postgres',
    durability: 'full',
    temporary: true,
  })
  await ensureDatabase(cluster.url('postgres'), 'control')
  const [port, privatePort] = [await freePort(), await freePort()]
  const child = startProcess(cluster.url('control'), port, privatePort, folder)
  const isReady = await waitUntil(async () => {
    const response = await fetch(`http://127.0.0.1:${privatePort}/readyz`).catch(() => undefined)
    return response?.status === 200
  }, READY_TIMEOUT_MS)
  if (!isReady) throw new Error('the control plane of the bench did not become ready')
  const people = Array.from({ length: count }, (_, n) => new Person(`http://127.0.0.1:${port}`, n))
  for (const person of people) await person.register()
  return {
    emailOf,
    async post(path, body, address) {
      const { status, text } = await post(`http://127.0.0.1:${port}${path}`, body, address)
      if (status === 429 || status >= 500) throw new Error(`${path} answered ${status}: ${text}`)
    },
    async whileLoggingIn(during) {
      const over = new AbortController()
      const running = Promise.all(people.map((person) => person.logInUntil(over.signal)))
      const result = await during()
      over.abort()
      const counts = await running
      return { result, logIns: counts.reduce((sum, one) => sum + one, 0) }
    },
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
      await cluster.stop()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function startProcess(databaseUrl: string, port: number, privatePort: number, folder: string): ChildProcess {
  const newSecret = () => Buffer.from(randomBytes(32)).toString('hex')
  const child = fork(join(repositoryRoot, 'apps/control-plane/src/main.ts'), [], {
    cwd: repositoryRoot,
    env: {
      PACSPACE_DATABASE_URL: databaseUrl,
      PACSPACE_PORT: String(port),
      PACSPACE_PRIVATE_PORT: String(privatePort),
      PACSPACE_PUBLIC_URL: 'http://bench.pacspace.example',
      PACSPACE_JWT_SECRET: newSecret(),
      PACSPACE_AUDIT_KEY: Buffer.from(randomBytes(32)).toString('base64'),
      PACSPACE_SANDBOX_INTERNAL_URL: NOWHERE,
      PACSPACE_SANDBOX_INTERNAL_SECRET: newSecret(),
      PACSPACE_PRODUCTION_INTERNAL_URL: NOWHERE,
      PACSPACE_PRODUCTION_INTERNAL_SECRET: newSecret(),
      PACSPACE_MAILBOX_DIR: join(folder, 'mailbox'),
      PACSPACE_LOG_LEVEL: 'fatal',
    },
    // A bench that is killed leaves no process behind.
    execArgv: ['--import', followParent],
    stdio: 'inherit',
  })
  if (child.pid !== undefined) setPriority(child.pid, controlPlanePriority)
  return child
}

/** Somebody with an account, at an address of their own: log-ins from one address are throttled. */
class Person {
  readonly #baseUrl: string
  readonly #email: string
  readonly #address: string

  constructor(baseUrl: string, n: number) {
    this.#baseUrl = baseUrl
    this.#email = emailOf(n)
    this.#address = `203.0.113.${n % 250}`
  }

  async register(): Promise<void> {
    await this.#post('/dashboard/auth/register', {
      email: this.#email,
      password: PASSWORD,
      firstName: 'Ada',
      lastName: 'Bench',
      companyName: 'Engines',
    })
  }

  async logInUntil(over: AbortSignal): Promise<number> {
    let count = 0
    while (!over.aborted) {
      await this.#post('/dashboard/auth/login', { email: this.#email, password: PASSWORD })
      count++
    }
    return count
  }

  async #post(path: string, body: object): Promise<void> {
    const { status, text } = await post(this.#baseUrl + path, body, this.#address)
    if (status >= 300) throw new Error(`${path} answered ${status}: ${text}`)
  }
}

function emailOf(n: number): string {
  return `person${n}@bench.example`
}

async function post(url: string, body: object, address: string): Promise<{ status: number; text: string }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify(body),
  })
  return { status: response.status, text: await response.text() }
}
