import { Problem } from '@pacspace/api/problem'
import type { AnswerHeaders } from './authenticate.ts'

/** How fast calls may come: `burst` at once, `perSecond` in the long run. Both ≥ 1. */
export interface RatePolicy {
  readonly perSecond: number
  readonly burst: number
}

/** One bucket that a request takes a token from. */
export interface Bucket {
  /** Names the policy in the answer's headers: `key`, `tenant`, `address`. */
  readonly policyName: string
  /** Whose bucket; unique among all of the limiter. */
  readonly id: string
  readonly policy: RatePolicy
}

/** Buckets that are not full, at most; beyond it the oldest are forgotten, which only ever lets somebody pass. */
const BUCKETS_MAX = 200_000
/** A token that is due now is there now, whatever a sum of fractions lost. */
const EPSILON_MS = 1e-6

/**
 * Token buckets (GCRA: a bucket is the one instant at which it would be full again). Exact: in any stretch of time nobody
 * gets more than `burst + perSecond × seconds`. Full buckets are not kept. `nowMs` must be monotonic, so that a host's
 * clock that is set neither locks anybody out nor lets anybody in.
 */
export class RateLimiter {
  readonly #fullAtMs = new Map<string, number>()
  readonly #nowMs: () => number

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /**
   * Takes one token out of each bucket, or none at all where one of them is empty: then raises RATE_LIMITED with the whole
   * seconds until there is one. Sets `RateLimit-Policy` and `RateLimit` in either case.
   */
  take(buckets: readonly Bucket[], headers: AnswerHeaders): void {
    const nowMs = this.#nowMs()
    const waitMs = Math.max(...buckets.map((bucket) => this.#waitMs(bucket, nowMs)))
    if (waitMs <= EPSILON_MS) for (const bucket of buckets) this.#takeOne(bucket, nowMs)
    headers.header('ratelimit-policy', buckets.map(policyText).join(', '))
    headers.header('ratelimit', buckets.map((bucket) => this.#limitText(bucket, nowMs)).join(', '))
    if (waitMs <= EPSILON_MS) return
    throw new Problem('RATE_LIMITED', { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)) })
  }

  /** True when `take` of this bucket would be refused now. */
  isEmpty(bucket: Bucket): boolean {
    return this.#waitMs(bucket, this.#nowMs()) > EPSILON_MS
  }

  #waitMs({ id, policy }: Bucket, nowMs: number): number {
    const fullAtMs = this.#fullAtMs.get(id)
    if (fullAtMs === undefined) return 0
    const { perSecond, burst } = policy
    return fullAtMs - nowMs - ((burst - 1) * 1_000) / perSecond
  }

  #takeOne({ id, policy }: Bucket, nowMs: number): void {
    const fullAtMs = this.#fullAtMs.get(id)
    if (fullAtMs === undefined && this.#fullAtMs.size >= BUCKETS_MAX) this.#makeRoom(nowMs)
    this.#fullAtMs.set(id, Math.max(fullAtMs ?? nowMs, nowMs) + 1_000 / policy.perSecond)
  }

  /** `r`: tokens left; `t`: seconds until the bucket is full again. */
  #limitText({ policyName, id, policy }: Bucket, nowMs: number): string {
    const untilFullMs = Math.max(0, (this.#fullAtMs.get(id) ?? nowMs) - nowMs)
    // Rounded up past the error of a float: a bucket with exactly one token less than full says so.
    const taken = Math.ceil((untilFullMs * policy.perSecond) / 1_000 - 1e-6)
    return `"${policyName}";r=${Math.max(0, policy.burst - taken)};t=${Math.ceil(untilFullMs / 1_000)}`
  }

  #makeRoom(nowMs: number): void {
    for (const [id, fullAtMs] of this.#fullAtMs) if (fullAtMs <= nowMs) this.#fullAtMs.delete(id)
    const tooMany = this.#fullAtMs.size - BUCKETS_MAX / 2
    for (const id of [...this.#fullAtMs.keys()].slice(0, Math.max(0, tooMany))) this.#fullAtMs.delete(id)
  }
}

/** `q` tokens come back in `w` seconds (draft-ietf-httpapi-ratelimit-headers-11): the burst, and how long it takes to fill. */
function policyText({ policyName, policy }: Bucket): string {
  return `"${policyName}";q=${policy.burst};w=${Math.max(1, Math.ceil(policy.burst / policy.perSecond))}`
}

/**
 * Whom an address counts as: an IPv4 address is one client; of IPv6 a /64 is, since whoever has one address of it has all
 * of them. `address`: as Node writes it.
 */
export function clientOfAddress(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (!address.includes(':')) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const groups = head === '' ? [] : head.split(':')
  const tailGroups = tail === undefined || tail === '' ? 0 : tail.split(':').length
  if (tail !== undefined) while (groups.length + tailGroups < 8) groups.push('0')
  const prefix = [...groups, ...(tail ?? '').split(':')].slice(0, 4)
  return `${prefix.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
