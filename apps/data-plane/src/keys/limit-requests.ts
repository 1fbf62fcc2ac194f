import { Problem } from '@pacspace/api/problem'
import type { AnswerHeaders } from '@pacspace/service/authenticate'
import type { ApiKeyPrincipal, RequestFacts } from '@pacspace/service/implement'
import { type Bucket, clientOfAddress, RateLimiter, type RatePolicy } from '@pacspace/service/rate-limit'
import type { KeyAuthenticator } from './authenticate-key.ts'

/** Routes without a key, of one address (product.md §2). */
const PUBLIC: RatePolicy = { perSecond: 20, burst: 20 }
/** Keys that nobody has, of one address: each may cost a look-up (design.md §4.1). */
const UNKNOWN_KEYS: RatePolicy = { perSecond: 50, burst: 200 }

export interface RequestLimitsOptions {
  /** Monotonic milliseconds. Default: the process's own. */
  readonly nowMs?: () => number
  /**
   * Api processes of this plane: each grants its share, so that together they never grant more than the limit. Default 1.
   * See decision 40.
   */
  readonly processes?: number
  /** Of the public routes. Default 20 a second. */
  readonly publicPolicy?: RatePolicy
}

/** How many requests this process lets pass: by key, by tenant for the sum of its keys, by address without a key. */
export class RequestLimits {
  readonly #limiter: RateLimiter
  readonly #processes: number
  readonly #publicPolicy: RatePolicy

  constructor({ nowMs, processes = 1, publicPolicy = PUBLIC }: RequestLimitsOptions = {}) {
    this.#limiter = new RateLimiter(nowMs)
    this.#processes = processes
    this.#publicPolicy = publicPolicy
  }

  /**
   * The principal of a key, with one token taken from its bucket and its tenant's. A key that is refused takes one from
   * its address, and an address that has none left is not worth a look-up: unless the key is known, so that nobody is
   * locked out by a neighbour behind the same address. Raises what `authenticate` raises, and RATE_LIMITED.
   */
  async authenticate(
    keys: KeyAuthenticator,
    header: string,
    request: Pick<RequestFacts, 'remoteAddress'>,
    headers: AnswerHeaders,
  ): Promise<ApiKeyPrincipal> {
    if (!keys.knows(header)) {
      const ofAddress = this.#unknownKeysOf(request.remoteAddress)
      if (this.#limiter.isEmpty(ofAddress)) this.#limiter.take([ofAddress], headers)
    }
    const principal = await this.#principalOf(keys, header, request, headers)
    const policy = keys.rateOf(header)
    if (policy !== undefined) {
      const ofKey = this.#bucket('key', principal.keyId, policy)
      this.#limiter.take([ofKey, this.#bucket('tenant', principal.tenantId, policy)], headers)
    }
    return principal
  }

  async #principalOf(
    keys: KeyAuthenticator,
    header: string,
    { remoteAddress }: Pick<RequestFacts, 'remoteAddress'>,
    headers: AnswerHeaders,
  ): Promise<ApiKeyPrincipal> {
    try {
      return await keys.authenticate(header)
    } catch (error) {
      // What is no refusal of the key (a database that is away) costs the caller nothing.
      if (error instanceof Problem) this.#limiter.take([this.#unknownKeysOf(remoteAddress)], headers)
      throw error
    }
  }

  /** Takes one token of an address, for a route that needs no key. Raises RATE_LIMITED. */
  takeOfAddress({ remoteAddress }: Pick<RequestFacts, 'remoteAddress'>, headers: AnswerHeaders): void {
    this.#limiter.take(
      [this.#bucket('address', `public ${clientOfAddress(remoteAddress)}`, this.#publicPolicy)],
      headers,
    )
  }

  #unknownKeysOf(address: string): Bucket {
    return this.#bucket('address', `unknown ${clientOfAddress(address)}`, UNKNOWN_KEYS)
  }

  #bucket(policyName: string, id: string, { perSecond, burst }: RatePolicy): Bucket {
    if (this.#processes === 1) return { policyName, id, policy: { perSecond, burst } }
    const share = {
      perSecond: perSecond / this.#processes,
      burst: Math.max(1, Math.floor(burst / this.#processes)),
    }
    return { policyName, id, policy: share }
  }
}
