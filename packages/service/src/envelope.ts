import { STATUS_CODES } from 'node:http'
import type { EndpointShape } from '@pacspace/api/endpoint'
import { type Problem, problems } from '@pacspace/api/problem'
import { type AmountStyle, compileWriter } from './answer-writer.ts'

/** Whole seconds that a caller should wait before it asks again, where the place that refused named none. */
const RETRY_AFTER_DEFAULT_SECONDS = 1

/** Writes the body of a success: the envelope, or the bare data where the definition says so (product.md §2). */
export type SuccessWriter = (
  data: unknown,
  options: { readonly status: number; readonly message: string | undefined; readonly amounts: AmountStyle },
) => string

/** Compiles the writer of an endpoint's successes, where it is bound. */
export function successWriter({ success }: EndpointShape): SuccessWriter {
  const write = compileWriter(success.data)
  if (success.bare) return (data, { amounts }) => write(data, amounts)
  return (data, { status, message, amounts }) => {
    const end = message === undefined ? '}' : `,"message":${JSON.stringify(message)}}`
    return `{"success":true,"statusCode":${status},"data":${write(data, amounts)}${end}`
  }
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
