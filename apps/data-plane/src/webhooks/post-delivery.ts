import type { Dispatcher } from 'undici'
import { parseRetryAfter } from './retry-schedule.ts'
import { TargetRefused } from './target-rules.ts'

/** For everything: name, connection, TLS, headers and body (product.md §6). */
export const ATTEMPT_MS_MAX = 15_000
/** Bytes of an answer that are read; a longer one is cut off. */
export const ANSWER_BYTES_MAX = 64 * 1024
/** Characters of an answer that are kept for the delivery log. */
const EXCERPT_CHARACTERS_MAX = 512

/** What came of one attempt. */
export interface Outcome {
  readonly isDelivered: boolean
  /** Null where no answer came. */
  readonly status: number | null
  readonly latencyMs: number
  readonly error: string | null
  readonly responseExcerpt: string | null
  /** What the receiver asked to wait. */
  readonly retryAfterMs: number | undefined
}

export interface Attempt {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly nowMs: number
  /** Default `ATTEMPT_MS_MAX`. */
  readonly timeoutMs?: number
}

/**
 * Sends a delivery once. Delivered is any 2xx whose answer ends, or is cut off by us, within the time; a redirect is a
 * failure. Never throws: whatever goes wrong is an outcome.
 */
export async function postDelivery(dispatcher: Dispatcher, attempt: Attempt): Promise<Outcome> {
  const { url, headers, body, nowMs, timeoutMs = ATTEMPT_MS_MAX } = attempt
  const startedMs = performance.now()
  const outcome = (rest: Partial<Outcome>): Outcome => ({
    isDelivered: false,
    status: null,
    latencyMs: Math.round(performance.now() - startedMs),
    error: null,
    responseExcerpt: null,
    retryAfterMs: undefined,
    ...rest,
  })
  const expiry = new AbortController()
  const timer = setTimeout(() => expiry.abort(), timeoutMs)
  let status: number | null = null
  try {
    const { origin, pathname, search } = new URL(url)
    const answer = await dispatcher.request({
      origin,
      path: pathname + search,
      method: 'POST',
      headers,
      body,
      signal: expiry.signal,
      headersTimeout: 0, // one clock for all of it: the signal
      bodyTimeout: 0,
    })
    status = answer.statusCode
    const text = await readCapped(answer.body)
    const retryAfter = answer.headers['retry-after']
    return outcome({
      isDelivered: status >= 200 && status < 300,
      status,
      responseExcerpt: excerptOf(text),
      retryAfterMs: parseRetryAfter(typeof retryAfter === 'string' ? retryAfter : undefined, nowMs),
    })
  } catch (error) {
    const isLate = expiry.signal.aborted
    return outcome({ status, error: isLate ? `no answer within ${timeoutMs / 1_000} s` : errorText(error) })
  } finally {
    clearTimeout(timer)
  }
}

/** The answer as far as it is read. What is longer is cut off, and its connection with it. */
async function readCapped(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    const data: Buffer = chunk // undici's bodies are streams of bytes
    chunks.push(data)
    bytes += data.length
    if (bytes >= ANSWER_BYTES_MAX) break // ends the iteration, which destroys the stream
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_BYTES_MAX).toString('utf8')
}

const SECRETS: readonly RegExp[] = [
  /\bwhsec_[\w+/=-]+/g,
  /\bpk_(test|live)_[\w.]+/g,
  /\b(bearer|basic)\s+[\w.~+/=-]+/gi,
  /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g,
  /("?\b\w*(password|passwd|secret|token|api[-_]?key|authorization|cookie|credential)\w*"?\s*[:=]\s*)("[^"]*"?|[^\s,;&}]+)/gi,
]

/** The first characters of an answer, one line, without what looks like a secret. Null for an empty one. */
export function excerptOf(answer: string): string | null {
  let text = answer.slice(0, 4 * EXCERPT_CHARACTERS_MAX)
  for (const secret of SECRETS) text = text.replace(secret, '[redacted]')
  text = text
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, EXCERPT_CHARACTERS_MAX)
    .toWellFormed()
  return text === '' ? null : text
}

const ERROR_TEXTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'host not found',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_SOCKET: 'connection closed before the answer ended',
}

/** What the delivery log says. Nothing of our network: no address, no resolver's answer. */
function errorText(error: unknown): string {
  if (error instanceof TargetRefused) return 'address not allowed'
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (ERROR_TEXTS[code] !== undefined) return ERROR_TEXTS[code]
  if (/SSL|TLS|CERT|ALTNAME|SELF_SIGNED|UNABLE_TO/.test(code)) return `TLS failed: ${code}`
  if (code.startsWith('HPE_')) return 'the answer is not valid HTTP'
  return 'connection failed'
}
