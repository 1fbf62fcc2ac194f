import type { ProblemCode, ProblemDetail } from '@pacspace/api/problem'

/** What went wrong before an answer of the API was there, or instead of one. */
export type ClientErrorCode =
  /** An option or argument cannot be used; nothing was sent. */
  | 'INVALID_OPTION'
  | 'INVALID_AMOUNT'
  /** No connection, or it broke. A write may have been done: retry it with the same idempotency key. */
  | 'CONNECTION_FAILED'
  /** No whole answer in time. A write may have been done: retry it with the same idempotency key. */
  | 'TIMEOUT'
  /** Something answered that is not this API: a proxy, a captive portal, a redirect. */
  | 'UNEXPECTED_ANSWER'
  /** Stored data of this delta was found damaged; it will not be verified before it is repaired. */
  | 'DELTA_FAILED'
  /** A webhook whose signature, timestamp or id is not right: do not act on it. */
  | 'INVALID_SIGNATURE'

/** The API's problem codes, the SDK's own, and those of servers newer than this SDK. */
export type ErrorCode = ProblemCode | ClientErrorCode | (string & {})

export interface ErrorFacts {
  /** HTTP status; undefined where there was no answer. */
  readonly statusCode?: number | undefined
  /** `req_…`: quote it to support. */
  readonly requestId?: string | undefined
  /** Method and path, without host and query: `POST /api/v1/balance/delta`. */
  readonly requestPath?: string | undefined
  /** The page about this code. */
  readonly docs?: string | undefined
  /** Where in the request, and what is wrong there. */
  readonly details?: readonly ProblemDetail[] | undefined
  /** What the API asked to wait, in whole seconds. */
  readonly retryAfterSeconds?: number | undefined
  /** The key that the write was sent with. Send it again with the same content and nothing is written twice. */
  readonly idempotencyKey?: string | undefined
  readonly cause?: unknown
}

/** Everything the SDK throws, except the reason of an `AbortSignal`. Decide by `code`, never by `message`. */
export class PacSpaceError extends Error {
  override name = 'PacSpaceError'
  readonly code: ErrorCode
  readonly statusCode: number | undefined
  readonly requestId: string | undefined
  readonly requestPath: string | undefined
  readonly docs: string | undefined
  readonly details: readonly ProblemDetail[]
  readonly retryAfterSeconds: number | undefined
  readonly idempotencyKey: string | undefined

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.statusCode = facts.statusCode
    this.requestId = facts.requestId
    this.requestPath = facts.requestPath
    this.docs = facts.docs
    this.details = facts.details ?? []
    this.retryAfterSeconds = facts.retryAfterSeconds
    this.idempotencyKey = facts.idempotencyKey
  }
}

/** No answer arrived: `CONNECTION_FAILED`. */
export class ConnectionError extends PacSpaceError {
  override name = 'ConnectionError'
}

/** No answer, or no verification, arrived in time: `TIMEOUT`. */
export class TimeoutError extends PacSpaceError {
  override name = 'TimeoutError'
}

/** 400: the request is invalid; `details` say where. */
export class BadRequestError extends PacSpaceError {
  override name = 'BadRequestError'
}

/** 401: the key is missing, mistyped, unknown, revoked or disabled. */
export class AuthenticationError extends PacSpaceError {
  override name = 'AuthenticationError'
}

/** 402: the allowance of the plan is used up. */
export class InsufficientCreditsError extends PacSpaceError {
  override name = 'InsufficientCreditsError'
}

/** 403: a valid key that may not do this. */
export class PermissionDeniedError extends PacSpaceError {
  override name = 'PermissionDeniedError'
}

/** 404: unknown, or another tenant's. */
export class NotFoundError extends PacSpaceError {
  override name = 'NotFoundError'
}

/** 409: for instance an idempotency key that was used with other content. */
export class ConflictError extends PacSpaceError {
  override name = 'ConflictError'
}

/** 412: the environment is not provisioned. */
export class NotProvisionedError extends PacSpaceError {
  override name = 'NotProvisionedError'
}

/** 413: the body is too large. */
export class PayloadTooLargeError extends PacSpaceError {
  override name = 'PayloadTooLargeError'
}

/** 422: well-formed but meaningless. */
export class UnprocessableError extends PacSpaceError {
  override name = 'UnprocessableError'
}

/** 429: the rate limit was met more often than the SDK retries. */
export class RateLimitError extends PacSpaceError {
  override name = 'RateLimitError'
}

/** 5xx: the service cannot answer at the moment. */
export class ServerError extends PacSpaceError {
  override name = 'ServerError'
}

const errorClasses: Readonly<Record<number, typeof PacSpaceError>> = {
  400: BadRequestError,
  401: AuthenticationError,
  402: InsufficientCreditsError,
  403: PermissionDeniedError,
  404: NotFoundError,
  409: ConflictError,
  412: NotProvisionedError,
  413: PayloadTooLargeError,
  422: UnprocessableError,
  429: RateLimitError,
}

/** The class for an HTTP status. */
export function errorClassOf(statusCode: number): typeof PacSpaceError {
  return errorClasses[statusCode] ?? (statusCode >= 500 ? ServerError : PacSpaceError)
}
