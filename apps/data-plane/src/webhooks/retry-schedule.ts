const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS

/** Delays before each retry (product.md §6). */
export const RETRY_DELAYS_MS: readonly number[] = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  1 * HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  8 * HOUR_MS,
  12 * HOUR_MS,
]

/** Share of the delay by which it is shorter or longer, so that what failed together is not tried again together. */
export const RETRY_JITTER = 0.1

/** An endpoint with nothing but failures for this long is disabled. */
export const FAILING_MS_MAX = 5 * 24 * HOUR_MS

/**
 * Milliseconds until the next attempt, or undefined where the schedule is used up. `retriesUsed`: retries already made.
 * `retryAfterMs`: what the receiver asked for; it counts up to the following step. `random`: 0 ≤ x < 1.
 */
export function retryDelayMs(
  retriesUsed: number,
  { retryAfterMs = 0, random }: { readonly retryAfterMs?: number | undefined; readonly random: () => number },
): number | undefined {
  const step = RETRY_DELAYS_MS[retriesUsed]
  if (step === undefined) return undefined
  const following = RETRY_DELAYS_MS[retriesUsed + 1] ?? step
  const jittered = step * (1 + RETRY_JITTER * (2 * random() - 1))
  return Math.round(Math.max(jittered, Math.min(retryAfterMs, following)))
}

/** What a `Retry-After` header asks for, in milliseconds: whole seconds or an HTTP date. Attacker-controlled. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * SECOND_MS
  const at = Date.parse(header)
  return Number.isNaN(at) || !/[a-z]/i.test(header) ? undefined : Math.max(0, at - nowMs)
}
