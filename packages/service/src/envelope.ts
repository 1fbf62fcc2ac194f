import { STATUS_CODES } from 'node:http'
import { type Amount, formatAmount } from '@pacspace/api/amount'
import type { EndpointShape } from '@pacspace/api/endpoint'
import { type Problem, problems } from '@pacspace/api/problem'

/** Whole seconds that a caller should wait before it asks again, where the place that refused named none. */
const RETRY_AFTER_DEFAULT_SECONDS = 1

/** Writes amounts as JSON numbers with all their digits. */
export const AMOUNTS_AS_NUMBERS = (_name: string, value: unknown): unknown =>
  typeof value === 'bigint' ? JSON.rawJSON(formatAmount(value as Amount)) : value

/** Writes amounts as canonical decimal strings (`X-Amount-Format: string`). */
export const AMOUNTS_AS_STRINGS = (_name: string, value: unknown): unknown =>
  typeof value === 'bigint' ? formatAmount(value as Amount) : value

export type AmountWriter = typeof AMOUNTS_AS_NUMBERS

/** The body of a success: the envelope, or the bare data where the definition says so (product.md §2). */
export function successBody(
  definition: EndpointShape,
  data: unknown,
  options: { readonly status: number; readonly message: string | undefined; readonly writer: AmountWriter },
): string {
  const json = JSON.stringify(data, options.writer)
  if (definition.success.bare) return json
  const message = options.message === undefined ? '' : `,"message":${JSON.stringify(options.message)}`
  return `{"success":true,"statusCode":${options.status},"data":${json}${message}}`
}

/** The seconds for `Retry-After`; undefined where waiting is no remedy. */
export function retryAfterSecondsOf(problem: Problem): number | undefined {
  const named = problem.options.retryAfterSeconds
  const waits = problem.status === 429 || problem.status === 503
  return named ?? (waits ? RETRY_AFTER_DEFAULT_SECONDS : undefined)
}

/** The body of a refusal: public text only, no stack, no SQL, no version (product.md §2). */
export function problemBody(problem: Problem, requestId: string, docsBaseUrl: string): string {
  const { status } = problems[problem.code]
  return JSON.stringify({
    success: false,
    statusCode: status,
    error: STATUS_CODES[status],
    code: problem.code,
    message: problem.message,
    details: problem.options.details,
    requestId,
    docs: `${docsBaseUrl}/problems/${problem.code}`,
    retryAfterSeconds: retryAfterSecondsOf(problem),
  })
}
