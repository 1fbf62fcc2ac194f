import type { ProblemDetail } from '@pacspace/api/problem'
import { errorClassOf, PacSpaceError } from '../core/error.ts'
import { parseRetryAfter } from './retry-schedule.ts'

/** The request that an answer belongs to, for error messages. */
export interface RequestFacts {
  /** Method and path, without host and query. */
  readonly requestPath: string
  readonly idempotencyKey: string | undefined
}

/** An HTTP answer with its whole body. */
export interface ReceivedAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** The `data` of a successful answer's envelope. Raises `UNEXPECTED_ANSWER` for anything that is no such envelope. */
export function dataOf(answer: ReceivedAnswer, request: RequestFacts): unknown {
  const envelope = parseObject(answer.text)
  if (envelope?.success === true && 'data' in envelope) return envelope.data
  throw unexpectedAnswer(answer, request)
}

/** The error that an answer stands for. Everything in it is the other side's word: taken only in its expected form. */
export function errorOf(answer: ReceivedAnswer, request: RequestFacts, nowMs: number): PacSpaceError {
  const envelope = parseObject(answer.text)
  const { code, message, requestId, docs, details } = envelope ?? {}
  const facts = {
    ...factsOf(answer, request),
    retryAfterSeconds: parseRetryAfter(answer.headers.get('retry-after'), nowMs),
  }
  const ErrorClass = errorClassOf(answer.status)
  if (typeof code !== 'string' || typeof message !== 'string') {
    // A proxy in between speaks for itself; its status still says what to do.
    return new ErrorClass('UNEXPECTED_ANSWER', describe(answer), facts)
  }
  return new ErrorClass(code, message, {
    ...facts,
    requestId: typeof requestId === 'string' ? requestId : facts.requestId,
    docs: typeof docs === 'string' ? docs : undefined,
    details: Array.isArray(details) ? details.filter(isDetail) : undefined,
  })
}

function unexpectedAnswer(answer: ReceivedAnswer, request: RequestFacts): PacSpaceError {
  return new PacSpaceError('UNEXPECTED_ANSWER', describe(answer), factsOf(answer, request))
}

function factsOf({ status, headers }: ReceivedAnswer, { requestPath, idempotencyKey }: RequestFacts) {
  return {
    statusCode: status,
    requestId: headers.get('x-request-id') ?? undefined,
    requestPath,
    idempotencyKey,
  }
}

function describe({ status, text }: ReceivedAnswer): string {
  const excerpt = text.slice(0, 100).replaceAll(/\s+/g, ' ').trim()
  return `The answer (status ${status}) is not one of the PacSpace API${excerpt === '' ? '' : `: ${excerpt}`}`
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined // no JSON is an answer too: see the callers
  }
}

function isDetail(value: unknown): value is ProblemDetail {
  return (
    typeof value === 'object' &&
    value !== null &&
    'path' in value &&
    typeof value.path === 'string' &&
    'message' in value &&
    typeof value.message === 'string'
  )
}
