import type { Environment } from '@pacspace/api/environment'
import { validationProblem } from '@pacspace/api/problem'
import type { Clock } from '@pacspace/service/clock'
import { SECURITY_HEADERS } from '@pacspace/service/exchange'
import { createHttpService, type HttpService } from '@pacspace/service/http'
import type { Logger } from '@pacspace/service/log'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { addDashboard, type DashboardFiles } from './dashboard-files.ts'
import { forward, type OutageLog, registerForwarding } from './forward.ts'
import { frontPage } from './front-page.ts'
import { readMailbox } from './local-mailbox.ts'
import { LogHomes } from './log-homes.ts'
import { readinessProbe } from './readiness.ts'
import { planeOfKey, planesOfPublic, planesOfVerify, type RequestHeaders } from './route-choice.ts'

export interface GatewayOptions {
  /** The base URL that people use. */
  readonly publicUrl: string
  readonly controlUrl: string
  readonly planeUrls: Readonly<Record<Environment, string>>
  /** What has to be ready, by process name: URLs that answer 200 when it is. */
  readonly readyUrls: ReadonlyMap<string, string>
  /** The local mailbox; undefined = none, as in production. */
  readonly mailboxDir: string | undefined
  /** The built dashboard; undefined = a front page in its place. */
  readonly dashboard?: DashboardFiles | undefined
  /** Proxies in front of the gateway whose `X-Forwarded-For` is believed: addresses or CIDRs. Default: none. */
  readonly trustedProxies?: readonly string[]
  readonly log: Logger
  readonly clock: Clock
}

const allMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
const readMethods = ['GET', 'HEAD', 'OPTIONS'] as const

/**
 * One base URL for everything (product.md §1 "Hosts"). What the gateway answers by itself has the form that every
 * service's answers have; all else passes through as the service said it, `X-Request-Id` included: the service makes
 * the id, so that it is the one in the service's log.
 */
export async function createGateway(options: GatewayOptions): Promise<HttpService> {
  const { log, clock, trustedProxies } = options
  return await createHttpService({
    implementations: [],
    context: undefined,
    authenticator: {},
    log,
    clock,
    ...(trustedProxies !== undefined && { trustedProxies }),
    routes: (fastify) => {
      registerForwarding(fastify)
      fastify.addHook('onSend', completeOwnAnswer)
      addForwarding(fastify, options)
      addOwnRoutes(fastify, options)
      if (options.mailboxDir !== undefined) addMailbox(fastify, options.mailboxDir)
    },
  })
}

/** Who answers what. The longer path wins. */
function addForwarding(fastify: FastifyInstance, { controlUrl, planeUrls, log }: GatewayOptions): void {
  const outages = outageLog(log)
  const toPublic = (choose: (headers: RequestHeaders) => readonly Environment[]) => {
    return (request: FastifyRequest, reply: FastifyReply) => {
      const [first, ...others] = choose(request.headers).map((environment) => planeUrls[environment])
      if (first === undefined) throw new Error('something public is looked for somewhere')
      return forward({ request, reply, outages }, [first, ...others])
    }
  }
  fastify.route({
    method: [...allMethods],
    url: '/dashboard/*',
    handler: (request, reply) => forward({ request, reply, outages }, [controlUrl]),
  })
  // Stripe signs the bytes: they pass as they came.
  fastify.route({
    method: 'POST',
    url: '/stripe/webhook',
    handler: (request, reply) => forward({ request, reply, outages }, [controlUrl]),
  })
  fastify.route({
    method: [...allMethods],
    url: '/api/v1/*',
    handler: (request, reply) =>
      forward({ request, reply, outages }, [planeUrls[planeOfKey(request.headers)]]),
  })
  fastify.route({ method: [...readMethods], url: '/api/v1/verify/*', handler: toPublic(planesOfVerify) })
  const homes = new LogHomes()
  fastify.route({
    method: [...readMethods],
    url: '/log/*',
    handler: (request, reply) => {
      const home = homes.homeOf(request.url)
      const asked = planesOfPublic(request.headers)
      // A plane that is named and is not the log's home says so itself.
      const [first, ...others] = home !== undefined && asked.includes(home) ? [home] : asked
      if (first === undefined) throw new Error('something public is looked for somewhere')
      const onAnswer = (upstream: string, status: number) => {
        const answered = asked.find((environment) => planeUrls[environment] === upstream)
        // Every plane answers a preflight, whether it has the log or not.
        const isFound = status === 200 && request.method !== 'OPTIONS'
        if (isFound && answered !== undefined) homes.note(request.url, answered)
      }
      const rest = others.map((environment) => planeUrls[environment])
      return forward({ request, reply, outages, onAnswer }, [planeUrls[first], ...rest])
    },
  })
}

function addOwnRoutes(fastify: FastifyInstance, options: GatewayOptions): void {
  const probe = readinessProbe(options.readyUrls, () => options.clock.now())
  fastify.get('/readyz', async (_request, reply) => {
    const { isReady, notReady } = await probe()
    return reply
      .status(isReady ? 200 : 503)
      .headers(isReady ? {} : { 'retry-after': '1' })
      .send(isReady ? { ready: true } : { ready: false, notReady })
  })
  if (options.dashboard !== undefined) {
    addDashboard(fastify, options.dashboard)
    return
  }
  fastify.get('/', async (_request, reply) => {
    const page = frontPage({ baseUrl: options.publicUrl, hasMailbox: options.mailboxDir !== undefined })
    return reply.type('text/html; charset=utf-8').send(page)
  })
}

function addMailbox(fastify: FastifyInstance, folder: string): void {
  fastify.get('/dev/mailbox', async (request) => {
    const addresses = new URL(request.url, 'http://gateway').searchParams.getAll('to')
    if (addresses.length > 1) throw validationProblem('/to', 'must be given once')
    return await readMailbox(folder, addresses[0])
  })
}

/** Answers of the gateway itself get the headers that every service gives; a service's own pass as they are. */
async function completeOwnAnswer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (!reply.hasHeader('x-request-id')) {
    const own = reply.getHeaders()
    reply.headers({ ...SECURITY_HEADERS, 'x-request-id': request.id }).headers(own)
  }
  // What any page may read (product.md §2 "CORS"), refusals included.
  if (/^\/(?:log|api\/v1\/verify)\//.test(request.url)) reply.header('access-control-allow-origin', '*')
}

/** Tells of each outage once, however many requests it refuses. */
function outageLog(log: Logger): OutageLog {
  const away = new Set<string>()
  return {
    isAway(upstream, err) {
      if (!away.has(upstream)) log.warn({ upstream, err }, 'a service does not answer')
      away.add(upstream)
    },
    isBack(upstream) {
      if (away.delete(upstream)) log.info({ upstream }, 'a service answers again')
    },
  }
}
