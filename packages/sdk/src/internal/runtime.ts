/** What the SDK takes from its surroundings. Tests pass their own, so that none of them waits. */
export interface Runtime {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `delayMs`. Rejects with the signal's reason once that fires, leaving no timer behind. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>
  /** 0 ≤ x < 1. */
  random(): number
  /** A fresh idempotency key: never the same twice, anywhere. */
  newIdempotencyKey(): string
}

/** Web-standard fetch. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** The host's fetch, looked up at each call, so that it may be replaced or instrumented later. */
export const hostFetch: Fetch = (url, init) => globalThis.fetch(url, init)

/** The surroundings as every host offers them: Node ≥ 20, Deno, Bun, Workers. */
export const hostRuntime: Runtime = {
  now: () => Date.now(),
  sleep,
  random: () => Math.random(),
  newIdempotencyKey: () => crypto.randomUUID(),
}

function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }, delayMs)
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
