/** Delays of retries: 0.5 s × 2ⁿ, at most 8 s, with full jitter (product.md §8). */
const FIRST_DELAY_MS = 500
const DELAY_MS_MAX = 8_000

/**
 * A longer `Retry-After` is not waited for: the call fails with it, and the caller decides. Retrying earlier would
 * only make it worse.
 */
export const RETRY_AFTER_SECONDS_MAX = 60

/** Answers after which the same request may succeed. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 429 || status >= 500
}

/**
 * Milliseconds to wait before retry `retry` (from 0): a random part of the backoff, so that callers who failed together
 * do not come back together, and never less than what the server asked for.
 */
export function retryDelayMs(retry: number, random: () => number, retryAfterSeconds = 0): number {
  const backoffMs = Math.min(FIRST_DELAY_MS * 2 ** retry, DELAY_MS_MAX)
  return Math.max(random() * backoffMs, retryAfterSeconds * 1_000)
}

/** Whole seconds of a `Retry-After` header, a number or a date (RFC 9110 §10.2.3); undefined for anything else. */
export function parseRetryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header)
  const dateMs = Date.parse(header)
  return Number.isNaN(dateMs) ? undefined : Math.max(0, Math.ceil((dateMs - nowMs) / 1_000))
}
