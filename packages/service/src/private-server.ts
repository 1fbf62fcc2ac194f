import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { internalSecret } from './authenticate.ts'
import type { Clock } from './clock.ts'
import { createHttpService, type HttpService } from './http.ts'
import type { Implementation } from './implement.ts'
import type { Logger } from './log.ts'

/** Something without which this process cannot do its work: its database, the plane behind it. */
export interface ReadinessCheck {
  readonly name: string
  /** Rejects when it is away. Given up after `CHECK_MS_MAX`. */
  check(): Promise<unknown>
}

export interface PrivateServerOptions<Context> {
  readonly checks: readonly ReadinessCheck[]
  readonly registry: Registry
  readonly log: Logger
  readonly clock: Clock
  /** The plane's internal API and the secret it demands. */
  readonly internal?: {
    readonly implementations: readonly Implementation<Context>[]
    readonly context: Context
    readonly secret: string
  }
}

export interface PrivateServer extends HttpService {
  /** From now on `/readyz` is red: called first at shutdown, so that no new work is sent here. */
  leave(): void
}

/** A ready probe must be red within 5 s (check R6): the check's time and the asking party's. */
const CHECK_MS_MAX = 2_000

/**
 * The private port of a process, never reachable from outside: `/healthz` (the process is alive), `/readyz` (it can work:
 * every check passes), `/metrics` (Prometheus), and the internal API where the process has one.
 */
export async function createPrivateServer<Context>(
  options: PrivateServerOptions<Context>,
): Promise<PrivateServer> {
  const { checks, registry, log, clock, internal } = options
  let isLeaving = false
  const common = {
    log,
    clock,
    routes: (fastify: FastifyInstance) => {
      fastify.get('/healthz', () => ({ status: 'live' }))
      fastify.get('/readyz', async (_request, reply) => {
        const results = await Promise.all(checks.map(runCheck))
        const isReady = !isLeaving && results.every((result) => result.ok)
        return reply
          .code(isReady ? 200 : 503)
          .send({ status: isReady ? 'ready' : 'not ready', checks: results })
      })
      fastify.get('/metrics', async (_request, reply) =>
        reply.header('content-type', registry.contentType).send(await registry.metrics()),
      )
    },
  }
  const service =
    internal === undefined
      ? await createHttpService({ ...common, implementations: [], context: undefined, authenticator: {} })
      : await createHttpService({
          ...common,
          implementations: internal.implementations,
          context: internal.context,
          authenticator: { internal: internalSecret(internal.secret) },
        })
  return Object.assign(service, {
    leave() {
      isLeaving = true
    },
  })
}

interface CheckResult {
  readonly name: string
  readonly ok: boolean
  readonly elapsedMs: number
  /** What failed; never with connection details. */
  readonly error?: string
}

async function runCheck({ name, check }: ReadinessCheck): Promise<CheckResult> {
  const startedMs = performance.now()
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_MS_MAX} ms`)), CHECK_MS_MAX)
  })
  try {
    await Promise.race([check(), timeout])
    return { name, ok: true, elapsedMs: since(startedMs) }
  } catch (error) {
    return {
      name,
      ok: false,
      elapsedMs: since(startedMs),
      error: error instanceof Error ? error.message : 'failed',
    }
  } finally {
    clearTimeout(timer)
  }
}

function since(startedMs: number): number {
  return Math.round(performance.now() - startedMs)
}

/** A registry with the process's own figures: memory, event loop, garbage collection. */
export function createRegistry(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}
