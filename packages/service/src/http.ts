import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { EndpointShape } from '@pacspace/api/endpoint'
import type { Environment } from '@pacspace/api/environment'
import { Problem, type ProblemCode } from '@pacspace/api/problem'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { type Authenticator, checkChain, checkOrigin, principalOf } from './authenticate.ts'
import { BodyBudget } from './body-budget.ts'
import type { Clock } from './clock.ts'
import { problemBody, retryAfterSecondsOf, type SuccessWriter, successWriter } from './envelope.ts'
import { EVENT_STREAM, EventStream, writeEvents } from './event-stream.ts'
import { Exchange, SECURITY_HEADERS } from './exchange.ts'
import { problemOfFramework } from './framework-errors.ts'
import { Answer, type AnswerOptions, type Call, type Implementation, TextAnswer } from './implement.ts'
import type { Logger } from './log.ts'
import { isUnavailable } from './postgres.ts'
import { newRequestId } from './random.ts'
import { BODY_BYTES_MAX, checkMediaType, RequestAborted, readBody } from './request-body.ts'
import { type InputReader, inputReader } from './request-input.ts'

export interface HttpOptions<Context> {
  readonly implementations: readonly Implementation<Context>[]
  /** Given to every handler. */
  readonly context: Context
  readonly authenticator: Authenticator
  /** The one this service serves; undefined for the control plane and the gateway. */
  readonly environment?: Environment
  readonly log: Logger
  readonly clock: Clock
  /** Where `docs` of a refusal points; default `https://docs.pacspace.io`. */
  readonly docsBaseUrl?: string
  /** Origins whose pages may send an API key: our own dashboard's. Default none. */
  readonly ownOrigins?: readonly string[]
  /** Addresses or CIDRs whose `X-Forwarded-For` is believed. Default none. */
  readonly trustedProxies?: readonly string[]
  /**
   * Adds routes that are no endpoints of the product: probes, metrics, files, forwarding. They do their own checks; what
   * they throw is answered like any refusal.
   */
  readonly routes?: (fastify: FastifyInstance) => void
  /** Bytes of request bodies held at once; default 128 MiB. */
  readonly bodiesBytesMax?: number
  /** Told about each answer, for metrics. `code`: of the refusal. */
  readonly onAnswer?: (endpointId: string, code: ProblemCode | undefined, elapsedMs: number) => void
}

export interface HttpService {
  readonly fastify: FastifyInstance
  /** Starts to listen. `port` 0 = any free one. */
  listen(address: { readonly host: string; readonly port: number }): Promise<{ port: number; url: string }>
  /** Lets requests in flight finish, answers 503 to new ones, and is closed after `DRAIN_MS_MAX` at the latest. Safe to call again. */
  close(): Promise<void>
}

/** A load balancer commonly keeps idle connections for 60 s: ours live longer, so that it is never us who hang up. */
const KEEP_ALIVE_MS = 72_000
/** A caller must have sent its whole request by then. */
const REQUEST_MS_MAX = 60_000
/** Requests in flight get this long at shutdown (design.md §6). */
export const DRAIN_MS_MAX = 10_000
/** Six bodies of the largest size that any endpoint takes, or half a million usual ones. Parsed they are a few times that. */
const BODIES_BYTES_MAX = 128 * 1024 * 1024
/** Longest path parameter as sent; longer is a 404. Enough for 128 characters, each percent-encoded. */
const PARAM_CHARACTERS_MAX = 1_024

const JSON_TYPE = 'application/json; charset=utf-8'
const TEXT_TYPE = 'text/plain; charset=utf-8'

/** What a foreign page may read of an answer beside its body. */
const EXPOSED_HEADERS = 'RateLimit, RateLimit-Policy, Retry-After, X-Request-Id'
const PREFLIGHT_HEADERS: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD',
  'access-control-allow-headers': 'Accept, Content-Type, X-Amount-Format, X-Chain-Id',
  'access-control-max-age': '86400',
}

const DOCS_BASE_URL = 'https://docs.pacspace.io'

/** Binds definitions to their handlers. Throws when two definitions share method and path. */
export async function createHttpService<Context>(options: HttpOptions<Context>): Promise<HttpService> {
  const service = new Service(options)
  await service.fastify.ready()
  return service
}

interface Route<Context> {
  readonly definition: EndpointShape
  readonly handle: Implementation<Context>['handle']
  readonly readInput: InputReader
  readonly writeSuccess: SuccessWriter
  readonly bodyBytesMax: number
}

class Service<Context> implements HttpService {
  readonly fastify: FastifyInstance
  readonly #options: HttpOptions<Context>
  readonly #docsBaseUrl: string
  readonly #ownOrigins: readonly string[]
  readonly #bodies: BodyBudget
  #closing: Promise<void> | undefined
  /** Ends the answers that would go on for ever. */
  readonly #leaving = new AbortController()

  constructor(options: HttpOptions<Context>) {
    this.#options = options
    this.#docsBaseUrl = options.docsBaseUrl ?? DOCS_BASE_URL
    this.#ownOrigins = options.ownOrigins ?? []
    this.#bodies = new BodyBudget(options.bodiesBytesMax ?? BODIES_BYTES_MAX)
    // What belongs to no endpoint: unknown routes, and requests that the framework cannot read.
    const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      void this.#refuse(new Exchange(request, reply, undefined), undefined, error)
    this.fastify = Fastify({
      logger: false,
      genReqId: newRequestId,
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: REQUEST_MS_MAX,
      trustProxy: options.trustedProxies === undefined ? false : [...options.trustedProxies],
      return503OnClosing: false, // done below, in our own shape
      routerOptions: { maxParamLength: PARAM_CHARACTERS_MAX, querystringParser: () => ({}) },
      clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, this.#docsBaseUrl),
      frameworkErrors: (error, request, reply) => refuse(error, request, reply),
    })
    this.fastify.setNotFoundHandler((request, reply) => refuse(new Problem('NOT_FOUND'), request, reply))
    this.fastify.setErrorHandler(refuse)
    for (const implementation of options.implementations) this.#bind(implementation)
    options.routes?.(this.fastify)
  }

  #bind({ definition, handle }: Implementation<Context>): void {
    const route: Route<Context> = {
      definition,
      handle,
      readInput: inputReader(definition),
      writeSuccess: successWriter(definition),
      bodyBytesMax: definition.bodyBytesMax ?? BODY_BYTES_MAX,
    }
    const url = definition.path.replace(REST_OF_PATH, '*')
    if (definition.surface === 'public') this.#allowAnyOrigin(url)
    this.fastify.route({
      method: definition.method,
      url,
      // Everything happens in this first hook, which never calls `done`: Fastify would read the body before we know who
      // sends it, and parse it less strictly than we must.
      onRequest: (request, reply, _done) => void this.#serve(route, request, reply),
      handler: unreachable,
    })
  }

  /** A page of any origin may ask beforehand whether it may read what is public (product.md §2 "CORS"). */
  #allowAnyOrigin(url: string): void {
    if (this.fastify.hasRoute({ method: 'OPTIONS', url })) return
    this.fastify.route({
      method: 'OPTIONS',
      url,
      onRequest: (request, reply, _done) => {
        const exchange = new Exchange(request, reply, undefined)
        for (const name in PREFLIGHT_HEADERS) exchange.header(name, PREFLIGHT_HEADERS[name] ?? '')
        exchange.send(200, 'text/plain; charset=utf-8', '')
      },
      handler: unreachable,
    })
  }

  /** The life of a request, in order. The first step that throws decides the answer. */
  async #serve(route: Route<Context>, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { definition } = route
    const { authenticator, environment, context, onAnswer } = this.#options
    const startedMs = onAnswer === undefined ? 0 : performance.now()
    const exchange = new Exchange(request, reply, definition)
    let bodyBytes = 0
    try {
      if (this.#closing !== undefined) throw leaving(exchange)
      if (definition.surface === 'public') {
        exchange.header('access-control-allow-origin', '*')
        exchange.header('access-control-expose-headers', EXPOSED_HEADERS)
      }
      checkOrigin(exchange.headers, this.#ownOrigins)
      const principal = await principalOf(definition, authenticator, exchange, exchange)
      exchange.tenantId = principal?.tenantId
      if (principal?.kind === 'apiKey') {
        checkChain(exchange.headers, environment)
        await authenticator.admit?.(principal, exchange)
      }
      if (definition.body !== undefined) checkMediaType(request.raw.headers)
      const bytes =
        definition.body === undefined
          ? undefined
          : await readBody(request.raw, route.bodyBytesMax, this.#bodies)
      bodyBytes = bytes?.length ?? 0
      const params = paramsOf(definition, request)
      const input = route.readInput(params, request.raw.url ?? '', bytes)
      exchange.checkIdempotencyKey()
      const call = { input, principal, request: exchange } as unknown as Call<EndpointShape> // just validated
      const result = await route.handle(call, context)
      if (result instanceof EventStream) void this.#stream(exchange, definition, result)
      else succeed(route, exchange, result)
      onAnswer?.(definition.id, undefined, performance.now() - startedMs)
    } catch (error) {
      const code = this.#refuse(exchange, definition, error)
      onAnswer?.(definition.id, code, performance.now() - startedMs)
    } finally {
      this.#bodies.give(bodyBytes)
    }
  }

  /** The head has left with it, so an error can only end it. */
  async #stream(exchange: Exchange, definition: EndpointShape, stream: EventStream): Promise<void> {
    // A stream has its connection to itself: one that stayed open behind it would hold up a process that leaves.
    exchange.header('connection', 'close')
    for (const name in stream.headers) exchange.header(name, stream.headers[name] ?? '')
    try {
      const contentType = definition.success.contentType ?? EVENT_STREAM
      await writeEvents(exchange.begin(200, contentType), stream, this.#leaving.signal)
    } catch (error) {
      this.#logRefusal(exchange, definition, problemOf(error))
    }
  }

  /** Answers with the problem that an error is, logs what is not expected, and gives the code. */
  #refuse(
    exchange: Exchange,
    definition: EndpointShape | undefined,
    error: unknown,
  ): ProblemCode | undefined {
    if (error instanceof RequestAborted) {
      exchange.abandon()
      return undefined
    }
    const problem = problemOf(error)
    this.#logRefusal(exchange, definition, problem)
    const retryAfterSeconds = retryAfterSecondsOf(problem)
    if (retryAfterSeconds !== undefined) exchange.header('retry-after', String(retryAfterSeconds))
    exchange.send(problem.status, JSON_TYPE, problemBody(problem, exchange.id, this.#docsBaseUrl))
    return problem.code
  }

  #logRefusal(exchange: Exchange, definition: EndpointShape | undefined, problem: Problem): void {
    const level = problem.code === 'INTERNAL_ERROR' ? 'error' : problem.status >= 500 ? 'warn' : 'debug'
    const { log } = this.#options
    if (!log.isLevelEnabled(level)) return
    const fields = {
      requestId: exchange.id,
      tenantId: exchange.tenantId,
      endpoint: definition?.id,
      code: problem.code,
      internal: problem.options.internal,
      err: problem.options.cause,
    }
    log[level](fields, level === 'error' ? 'request failed' : 'request refused')
  }

  async listen({ host, port }: { readonly host: string; readonly port: number }) {
    await this.fastify.listen({ host, port })
    const address = this.fastify.server.address()
    if (address === null || typeof address === 'string') throw new Error('the server has no TCP address')
    return { port: address.port, url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}` }
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  async #drain(): Promise<void> {
    this.#leaving.abort()
    const deadline = setTimeout(() => this.fastify.server.closeAllConnections(), DRAIN_MS_MAX)
    await this.fastify.close()
    clearTimeout(deadline)
  }
}

/** A last parameter that takes the rest of the path; Fastify calls it `*`. */
const REST_OF_PATH = /:([A-Za-z]+)\*$/

function paramsOf({ path }: EndpointShape, request: FastifyRequest): Record<string, string> {
  const params = request.params as Record<string, string> // what Fastify's router gives
  const rest = REST_OF_PATH.exec(path)?.[1]
  if (rest === undefined) return params
  const { '*': value = '', ...named } = params
  return { ...named, [rest]: value }
}

function succeed<Context>(
  { definition, writeSuccess }: Route<Context>,
  exchange: Exchange,
  result: unknown,
): void {
  const { success } = definition
  if (result instanceof TextAnswer) {
    if (!success.alsoText) throw new Error(`${definition.id} has no second form`)
    exchange.send(success.status, TEXT_TYPE, result.text)
    return
  }
  const isAnswer = result instanceof Answer
  const data: unknown = isAnswer ? result.data : result
  const options: AnswerOptions = isAnswer ? result.options : NO_OPTIONS
  const { status = success.status, message = success.message, headers, cookies = [] } = options
  for (const name in headers) exchange.header(name, headers[name] ?? '')
  for (const line of cookies) exchange.addCookie(line)
  if (success.contentType !== undefined) {
    exchange.send(status, success.contentType, Buffer.isBuffer(data) ? data : String(data))
    return
  }
  const amounts = exchange.headers['x-amount-format'] === 'string' ? 'string' : 'number'
  exchange.send(status, JSON_TYPE, writeSuccess(data, { status, message, amounts }))
}

const NO_OPTIONS: AnswerOptions = {}

function leaving(exchange: Exchange): Problem {
  exchange.header('connection', 'close')
  return new Problem('SERVICE_UNAVAILABLE', { internal: 'shutting down' })
}

/** Expected refusals as they are; everything else keeps its cause for the log. */
function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (isUnavailable(error)) return new Problem('SERVICE_UNAVAILABLE', { cause: error })
  return problemOfFramework(error) ?? new Problem('INTERNAL_ERROR', { cause: error })
}

/** Node could not even read the request line or the headers: there is no request object, only a socket. */
function answerBrokenRequest(error: Error & { code?: string }, socket: Socket, docsBaseUrl: string): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem = new Problem('VALIDATION_ERROR', {
    message: `Validation failed: ${brokenRequestText(error.code)}`,
  })
  const requestId = newRequestId()
  const body = problemBody(problem, requestId, docsBaseUrl)
  const headers = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${requestId}`,
    ...Object.entries(SECURITY_HEADERS).map(([name, value]) => `${name}: ${value}`),
    'connection: close',
  ]
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`)
}

function brokenRequestText(code: string | undefined): string {
  if (code === 'HPE_HEADER_OVERFLOW') return 'the request headers are too large'
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return 'the request did not arrive in time'
  return 'the request is not valid HTTP'
}

function unreachable(): never {
  throw new Error('the onRequest hook answers every request')
}
