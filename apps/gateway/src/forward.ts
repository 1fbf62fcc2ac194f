import replyFrom from '@fastify/reply-from'
import { Problem, validationProblem } from '@pacspace/api/problem'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { answerHeadersFor, requestHeadersFor } from './forwarded-headers.ts'

/** Connections to each service. What exceeds them waits for one. */
const CONNECTIONS_MAX = 256
const CONNECT_TIMEOUT_MS = 2_000
/** Longest silence before an answer begins: `?wait=verified` holds one for up to 30 s. */
const HEADERS_TIMEOUT_MS = 60_000
/** Longest silence inside an answer: an event stream sends a sign of life far more often. */
const BODY_TIMEOUT_MS = 120_000

/** A connection that the service closed while we wrote on it: the one case in which asking again is free of doubt. */
const STALE_CONNECTION = 'UND_ERR_SOCKET'
const RETRY_DELAY_MS = 10

/** Makes `forward` possible on this server. Bodies pass through unread, so their limits are the services' own. */
export function registerForwarding(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers()
  fastify.addContentTypeParser('*', (request, payload, done) => {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
    const isEmpty = encoding === undefined && (length === undefined || length === '0')
    done(null, isEmpty ? undefined : payload)
  })
  void fastify.register(replyFrom, {
    undici: {
      connections: CONNECTIONS_MAX,
      pipelining: 1,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      headersTimeout: HEADERS_TIMEOUT_MS,
      bodyTimeout: BODY_TIMEOUT_MS,
    },
    destroyAgent: true,
    disableCache: true, // it would keep every URL, and with it every token that stands in one
    disableRequestLogging: true,
    retryMethods: [], // its own rule repeats every 503 up to ten times
  })
}

/** Told what became of the services: once when one stops answering, once when it answers again. */
export interface OutageLog {
  isAway(upstream: string, cause: Error): void
  isBack(upstream: string): void
}

/** One request on its way through the services that may answer it. */
interface Journey {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly outages: OutageLog
  /** Told the status of each service's answer. */
  readonly onAnswer?: (upstream: string, status: number) => void
}

/**
 * Answers with what the first of `upstreams` says; where that is 404 and another is left, with what the next one says.
 * A service that does not answer is passed over too, but then a 404 of the others proves nothing: SERVICE_UNAVAILABLE.
 * Only requests without a body may have more than one upstream. `upstreams`: base URLs, at least one.
 */
export function forward(journey: Journey, upstreams: readonly [string, ...string[]]): FastifyReply {
  const [upstream, ...others] = upstreams
  try {
    return ask(journey, upstream, others, undefined)
  } catch (error) {
    throw isRefusedUrl(error) ? validationProblem('', 'has a path that cannot be forwarded') : error
  }
}

/** reply-from refuses `..`, broken percent-encoding and what is no URL before it sends anything. */
function isRefusedUrl(error: unknown): boolean {
  if (error instanceof URIError) return true
  if (!(error instanceof Error)) return false
  return (
    ('statusCode' in error && error.statusCode === 400) ||
    ('code' in error && error.code === 'ERR_INVALID_URL')
  )
}

/** `failure`: of a service that was asked before and did not answer. */
function ask(
  journey: Journey,
  upstream: string,
  others: readonly string[],
  failure: Problem | undefined,
): FastifyReply {
  const { request, reply, outages, onAnswer } = journey
  const askNext = (problem: Problem | undefined) => {
    const [next, ...rest] = others
    if (next === undefined) reply.send(problem)
    else ask(journey, next, rest, problem)
  }
  return reply.from(`${upstream}${pathOf(request)}`, {
    rewriteRequestHeaders: (_request, headers) =>
      requestHeadersFor(headers, request.method, { address: request.ip, protocol: request.protocol }),
    rewriteHeaders: answerHeadersFor,
    retryDelay: ({ err, attempt }) =>
      attempt === 0 && isStale(err) && isRepeatable(request) ? RETRY_DELAY_MS : null,
    onResponse: (_request, _reply, answer) => {
      outages.isBack(upstream)
      onAnswer?.(upstream, answer.statusCode)
      const isLast = others.length === 0 && failure === undefined
      if (answer.statusCode !== 404 || isLast) return void reply.send(answer.stream)
      answer.stream.resume() // to its end, so that the connection can be used again
      for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name)
      askNext(failure)
    },
    onError: (_reply, { error }) => {
      outages.isAway(upstream, error)
      askNext(new Problem('SERVICE_UNAVAILABLE', { internal: `${upstream} does not answer`, cause: error }))
    },
  })
}

/** Typed as always there; it is null where the service answered. */
function isStale(error: Error | null): boolean {
  return error !== null && 'code' in error && error.code === STALE_CONNECTION
}

function isRepeatable(request: FastifyRequest): boolean {
  return request.method === 'GET' || request.method === 'HEAD'
}

/**
 * The path as received, attacker-controlled; the query is appended by reply-from, which also refuses `..`. A request
 * line may hold a whole URL (RFC 9112 §3.2.2), whose host is not ours to follow.
 */
function pathOf(request: FastifyRequest): string {
  const target = request.raw.url ?? '/'
  const path = target.replace(/^https?:\/\/[^/?]*/i, '')
  const query = path.indexOf('?')
  return query < 0 ? path : path.slice(0, query)
}
