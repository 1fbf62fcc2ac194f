import { hash, timingSafeEqual } from 'node:crypto'
import { parseApiKey } from '@pacspace/api/api-key'
import type { Permission } from '@pacspace/api/endpoint'
import { type Environment, spelling } from '@pacspace/api/environment'
import { Problem } from '@pacspace/api/problem'
import { epochMsOf, timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import type { ApiKeyPrincipal } from '@pacspace/service/implement'
import type { Db } from '@pacspace/service/postgres'
import type { RatePolicy } from '@pacspace/service/rate-limit'
import { LRUCache } from 'lru-cache'
import { type KeyFacts, selectKey, upsertKeyUses } from './keys.sql.ts'

/** The guarantee that a revoked key dies within 5 s, everywhere, even if no notification ever arrives. */
const FACTS_TTL_MS = 4_000
/** A key that was not there, and a tenant that is not active yet, are asked for again soon. */
const ABSENT_TTL_MS = 500
const KEYS_MAX = 50_000

/** `lastUsedAt` is right within 60 s and costs no write per request. */
export const KEY_USES_FLUSH_MS = 20_000

interface Cached {
  readonly facts: KeyFacts | undefined
  readonly readAtMs: number
  readonly ttlMs: number
}

const NO_HASH = Buffer.alloc(32)

/** Knows the holders of this plane's API keys. */
export class KeyAuthenticator {
  readonly #db: Db
  readonly #environment: Environment
  readonly #clock: Clock
  readonly #cache = new LRUCache<string, Cached>({ max: KEYS_MAX })
  readonly #lookUps = new Map<string, Promise<KeyFacts | undefined>>()
  #uses = new Map<string, number>()

  constructor(db: Db, environment: Environment, clock: Clock) {
    this.#db = db
    this.#environment = environment
    this.#clock = clock
  }

  /**
   * The principal of a key as received. A key with a typing error costs no look-up; of the other environment neither.
   * Raises INVALID_API_KEY (malformed, unknown, wrong secret, revoked, expired), API_KEY_ENVIRONMENT_HOST_MISMATCH,
   * API_KEY_DISABLED. Takes the same time whether the public part is known or not.
   */
  async authenticate(header: string): Promise<ApiKeyPrincipal> {
    const key = parseApiKey(header)
    if (key === undefined) throw new Problem('INVALID_API_KEY')
    if (key.environment !== this.#environment) throw mismatch(key.environment, this.#environment)
    const facts = await this.#factsOf(key.publicKey)
    const secretHash = hash('sha256', key.secret, 'buffer')
    const isRight = timingSafeEqual(secretHash, facts?.secret_hash ?? NO_HASH)
    if (facts === undefined || !isRight || facts.revoked_at !== null) throw new Problem('INVALID_API_KEY')
    const nowMs = this.#clock.now()
    if (facts.expires_at !== null && epochMsOf(facts.expires_at) <= nowMs)
      throw new Problem('INVALID_API_KEY')
    if (!facts.active) throw new Problem('API_KEY_DISABLED')
    this.#uses.set(facts.id, nowMs)
    return {
      kind: 'apiKey',
      tenantId: facts.tenant_id,
      tenantNo: facts.tenant_no,
      keyId: facts.id,
      permissions: facts.permissions,
    }
  }

  /**
   * Refuses a tenant whose environment is not active, and `X-Credit-Pool-Id`, where it names a contract, unless it is this
   * one. Anything else in that header is of the past and ignored. Raises CONTRACT_NOT_DEPLOYED, NOT_FOUND.
   */
  admit(principal: ApiKeyPrincipal, header: string, creditPoolId: string | undefined): void {
    const facts = this.#cached(header)?.facts
    if (facts?.tenant_no !== principal.tenantNo) return
    if (facts.tenant_status !== 'active') throw new Problem('CONTRACT_NOT_DEPLOYED')
    if (creditPoolId?.startsWith('ctr_') && creditPoolId !== facts.contract_id) throw new Problem('NOT_FOUND')
  }

  /** False once a key that opened something no longer would, or lost the permission: revoked, disabled, expired. */
  async mayStill(header: string, permission: Permission): Promise<boolean> {
    try {
      const { permissions } = await this.authenticate(header)
      return permissions.includes(permission)
    } catch (error) {
      if (error instanceof Problem) return false
      throw error
    }
  }

  /** True for a key whose public part is known to belong to somebody, however long ago that was looked up. Costs no look-up. */
  knows(header: string): boolean {
    return this.#cached(header)?.facts !== undefined
  }

  /** How fast requests with this key may come: its tenant's plan decides. Undefined for a key not looked up just now. */
  rateOf(header: string): RatePolicy | undefined {
    const facts = this.#cached(header)?.facts
    return facts && { perSecond: facts.rate_per_second, burst: facts.burst }
  }

  /** Forgets everything: keys changed, or the connection that would have told was lost. */
  forget(): void {
    this.#cache.clear()
  }

  /** Writes down when keys were used since the last call. What could not be written is kept for the next. */
  async flushUses(): Promise<void> {
    if (this.#uses.size === 0) return
    const uses = this.#uses
    this.#uses = new Map()
    try {
      await upsertKeyUses(this.#db, [...uses.keys()], [...uses.values()].map(timestampOf))
    } catch (error) {
      this.#uses = new Map([...uses, ...this.#uses])
      throw error
    }
  }

  #cached(header: string): Cached | undefined {
    return this.#cache.get(header.slice(0, header.indexOf('.')))
  }

  async #factsOf(publicKey: string): Promise<KeyFacts | undefined> {
    const cached = this.#cache.get(publicKey)
    if (cached !== undefined && isFresh(cached, this.#clock.now())) return cached.facts
    // One look-up for all who ask at once.
    const running = this.#lookUps.get(publicKey)
    if (running !== undefined) return running
    const lookUp = this.#lookUp(publicKey).finally(() => this.#lookUps.delete(publicKey))
    this.#lookUps.set(publicKey, lookUp)
    return lookUp
  }

  async #lookUp(publicKey: string): Promise<KeyFacts | undefined> {
    const facts = await selectKey(this.#db, publicKey)
    const ttlMs = facts?.tenant_status === 'active' ? FACTS_TTL_MS : ABSENT_TTL_MS
    this.#cache.set(publicKey, { facts, readAtMs: this.#clock.now(), ttlMs })
    return facts
  }
}

/** What was read later than now was read by a clock that has been set back since: nobody knows how old it is. */
function isFresh({ readAtMs, ttlMs }: Cached, nowMs: number): boolean {
  return readAtMs <= nowMs && nowMs < readAtMs + ttlMs
}

function mismatch(of: Environment, here: Environment): Problem {
  return new Problem('API_KEY_ENVIRONMENT_HOST_MISMATCH', {
    message: `This is a ${spelling[of].title} key (pk_${spelling[of].key}_…), and this is the ${spelling[here].title} API. Send it to the ${spelling[of].title} API.`,
  })
}
