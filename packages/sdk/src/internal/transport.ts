import { ConnectionError, PacSpaceError, TimeoutError } from '../core/error.ts'
import { dataOf, errorOf, type ReceivedAnswer, type RequestFacts } from './answer.ts'
import { isRetryableStatus, RETRY_AFTER_SECONDS_MAX, retryDelayMs } from './retry-schedule.ts'
import type { Fetch, Runtime } from './runtime.ts'

/** What every call accepts beside its own arguments. */
export interface CallOptions {
  /** Milliseconds that one attempt may take; default: the client's `timeout`. */
  readonly timeout?: number | undefined
  /** Further attempts after the first; default: the client's `maxRetries`. */
  readonly maxRetries?: number | undefined
  /** Gives the call up: it rejects with the signal's reason. A write may have been done all the same. */
  readonly signal?: AbortSignal | undefined
}

/** What a call that writes accepts. */
export interface WriteOptions extends CallOptions {
  /**
   * 1–255 printable characters that stand for this write: sent again with the same content, nothing is written twice.
   * Default: a fresh one for each call, the same over its retries.
   */
  readonly idempotencyKey?: string | undefined
}

export interface TransportOptions {
  /** Without a trailing slash. */
  readonly baseUrl: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeout: number
  readonly maxRetries: number
  readonly fetch: Fetch
  readonly runtime: Runtime
}

interface Exchange {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly facts: RequestFacts
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

/** Sends requests, and sends them again where that may help. */
export class Transport {
  readonly #options: TransportOptions

  constructor(options: TransportOptions) {
    this.#options = options
  }

  get runtime(): Runtime {
    return this.#options.runtime
  }

  /** Reads. `query` begins with `?` or is empty. The `data` of the answer, as the API defines it for this path. */
  get<Data>(path: string, query: string, options: CallOptions): Promise<Data> {
    return this.#send<Data>('GET', path, query, undefined, undefined, options)
  }

  /** Writes, under an idempotency key that is the same in every attempt. */
  post<Data>(path: string, body: unknown, options: WriteOptions): Promise<Data> {
    const idempotencyKey = options.idempotencyKey ?? this.runtime.newIdempotencyKey()
    return this.#send<Data>('POST', path, '', JSON.stringify(body), idempotencyKey, options)
  }

  async #send<Data>(
    method: 'GET' | 'POST',
    path: string,
    query: string,
    body: string | undefined,
    idempotencyKey: string | undefined,
    { timeout = this.#options.timeout, maxRetries = this.#options.maxRetries, signal }: CallOptions,
  ): Promise<Data> {
    const exchange = {
      method,
      path,
      query,
      headers: {
        ...this.#options.headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      },
      body,
      facts: { requestPath: `${method} ${path}`, idempotencyKey },
      timeout,
      signal,
    }
    for (let retry = 0; ; retry++) {
      signal?.throwIfAborted()
      const outcome = await this.#attempt(exchange)
      // The API's word for what its definition says; checked by the tests of both sides against one another.
      if (!(outcome instanceof PacSpaceError)) return dataOf(outcome, exchange.facts) as Data
      if (retry >= maxRetries || !mayHelp(outcome)) throw outcome
      await this.runtime.sleep(retryDelayMs(retry, this.runtime.random, outcome.retryAfterSeconds), signal)
    }
  }

  /** One attempt: a successful answer, or the error it ended in. Throws only the caller's own abort reason. */
  async #attempt(exchange: Exchange): Promise<ReceivedAnswer | PacSpaceError> {
    try {
      const answer = await this.#exchange(exchange)
      const isSuccess = answer.status >= 200 && answer.status < 300
      return isSuccess ? answer : errorOf(answer, exchange.facts, this.runtime.now())
    } catch (error) {
      exchange.signal?.throwIfAborted()
      if (error instanceof TimeoutError) return error
      const message = `No answer from ${this.#options.baseUrl}: ${reasonOf(error)}`
      return new ConnectionError('CONNECTION_FAILED', message, { ...exchange.facts, cause: error })
    }
  }

  async #exchange({
    method,
    path,
    query,
    headers,
    body,
    facts,
    timeout,
    signal,
  }: Exchange): Promise<ReceivedAnswer> {
    const { baseUrl, fetch } = this.#options
    const attempt = new AbortController()
    const ended = new AbortController()
    const watch = this.runtime.sleep(timeout, ended.signal).then(
      () => attempt.abort(new TimeoutError('TIMEOUT', `No answer within ${timeout} ms`, facts)),
      () => {}, // the attempt ended first
    )
    try {
      const response = await fetch(`${baseUrl}${path}${query}`, {
        method,
        headers,
        ...(body !== undefined && { body }),
        // Followed elsewhere, the request would take the API key along.
        redirect: 'manual',
        signal: signal === undefined ? attempt.signal : AbortSignal.any([signal, attempt.signal]),
      })
      return { status: response.status, headers: response.headers, text: await response.text() }
    } finally {
      ended.abort()
      await watch
    }
  }
}

function mayHelp({ code, statusCode, retryAfterSeconds = 0 }: PacSpaceError): boolean {
  if (statusCode === undefined) return code === 'TIMEOUT' || code === 'CONNECTION_FAILED'
  return isRetryableStatus(statusCode) && retryAfterSeconds <= RETRY_AFTER_SECONDS_MAX
}

/** fetch says "fetch failed" and keeps what happened in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  return cause instanceof Error ? cause.message : String(cause)
}
