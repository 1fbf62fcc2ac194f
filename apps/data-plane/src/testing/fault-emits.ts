import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import * as api from '@pacspace/api/definition/ledger'
import type { Pool } from '@pacspace/service/postgres'
import type { SeededRandom } from '@pacspace/testing/seeded-random'
import type { TestClient } from '@pacspace/testing/test-client'
import { keyDigestOf } from '../ledger/delta-request.ts'
import { recordIdOf } from '../ledger/record-id.ts'
import type { CrashTenant } from './crash-rig.ts'

/** What a client knows of an emit: acknowledged, refused for now, or never answered. */
export type EmitFate = 'acked' | 'refused' | 'lost'

/** How many emits of a load met each fate, so far. */
export type Load = Record<EmitFate, number>

export interface LoadOptions {
  readonly clientOf: () => TestClient
  readonly inFlight: number
  /** Goes on after a refusal. Default false. */
  readonly again?: boolean
  /** Between an acknowledgement and the next emit of its lane, for a load that leaves the processor to others. Default 0. */
  readonly pauseMs?: number
}

interface Sent {
  readonly body: { readonly customerId: string; readonly delta: string; readonly reason: string }
  recordId: string | undefined
}

/** An answer that takes longer counts as lost. */
const ANSWER_MS_MAX = 30_000
const REFUSED_PAUSE_MS = 100
/** Emits that are asked again at once. */
const RETRIES_AT_ONCE = 64

/**
 * A client that keeps books of what it sent under which Idempotency-Key and what it was told, to be held against the
 * database after a crash.
 */
export class BookkeepingClient {
  readonly #tenant: CrashTenant
  readonly #random: SeededRandom
  readonly #sent = new Map<string, Sent>()
  /** Emits that were acknowledged. */
  ackedCount = 0

  /** Of a tenant that nobody else writes for. */
  constructor(tenant: CrashTenant, random: SeededRandom) {
    this.#tenant = tenant
    this.#random = random
  }

  get sentCount(): number {
    return this.#sent.size
  }

  /** Sends a new emit, once. Any other answer than success and "not now" fails the test. */
  emit(client: TestClient): Promise<EmitFate> {
    const key = `emit ${this.#sent.size}`
    const units = this.#random.integer(900_000_000)
    this.#sent.set(key, {
      body: {
        customerId: `cust_${this.#random.integer(40)}`,
        delta: `${this.#random.pick(['', '-'])}${units}.${this.#random.integer(999) + 1}`.replace(/0+$/, ''),
        reason: 'crash test',
      },
      recordId: undefined,
    })
    return this.#attempt(client, key)
  }

  /**
   * Keeps `inFlight` emits on their way while `during` runs, each acknowledgement followed by a new emit; resolves when
   * all are answered or lost. An emit that is not acknowledged ends its lane, or with `again` is followed by a new one
   * after a pause, as a client that goes on does. `clientOf`: whom the next emit goes to.
   */
  async load(options: LoadOptions, during: (load: Load) => Promise<void>): Promise<Load> {
    const load: Load = { acked: 0, refused: 0, lost: 0 }
    let isOver = false
    const lane = async () => {
      while (!isOver) {
        const fate = await this.emit(options.clientOf())
        load[fate]++
        if (fate !== 'acked' && !options.again) return
        const pauseMs = fate === 'acked' ? options.pauseMs : REFUSED_PAUSE_MS
        if (pauseMs !== undefined) await delay(pauseMs)
      }
    }
    const done = during(load).finally(() => {
      isOver = true
    })
    await Promise.all([done, ...Array.from({ length: options.inFlight }, lane)])
    return load
  }

  /**
   * Holds the database against the books: every acknowledged delta is there, once, as it was sent; nothing is there
   * twice, and nothing that was not sent. Gives how many unacknowledged ones are there.
   */
  async requireExactlyOnce(owner: Pool): Promise<number> {
    const stored = await this.#stored(owner)
    let unacked = 0
    for (const [key, { body, recordId }] of this.#sent) {
      const rows = stored.get(this.#digest(key)) ?? []
      stored.delete(this.#digest(key))
      assert.ok(rows.length <= 1, `${key} is there ${rows.length} times`)
      const [row] = rows
      if (recordId !== undefined) assert.equal(row?.recordId, recordId, `${key} was acknowledged`)
      else if (row !== undefined) unacked++
      if (row !== undefined) assert.deepEqual({ ...row.body, reason: 'crash test' }, body, key)
    }
    assert.deepEqual([...stored.keys()], [], 'deltas that nobody sent')
    return unacked
  }

  /**
   * Sends again, under its key, all that was not acknowledged, until it is; and of the rest every tenth, which must answer
   * as it did.
   */
  async retry(client: TestClient): Promise<void> {
    const keys = [...this.#sent].flatMap(([key, { recordId }], index) =>
      recordId === undefined || index % 10 === 0 ? [key] : [],
    )
    const lane = async () => {
      for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
        assert.equal(await this.#attempt(client, key), 'acked', `${key} again`)
      }
    }
    await Promise.all(Array.from({ length: RETRIES_AT_ONCE }, lane))
  }

  async #attempt(client: TestClient, key: string): Promise<EmitFate> {
    const sent = this.#sent.get(key)
    if (sent === undefined) throw new Error(`nothing was sent as ${key}`)
    const call = {
      key: this.#tenant.key,
      headers: { 'idempotency-key': key },
      body: sent.body,
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    }
    // A refused or broken connection is a TypeError of fetch; what the answer says is checked by the client.
    const answer = await client.call(api.emitDelta, call).catch((error: unknown) => {
      if (error instanceof TypeError || call.signal.aborted) return undefined
      throw error
    })
    if (answer === undefined) return 'lost'
    if (answer.problem !== undefined) {
      assert.equal(answer.problem.code, 'SERVICE_UNAVAILABLE', answer.text)
      assert.ok(Number(answer.headers.get('retry-after')) >= 1, answer.text)
      return 'refused'
    }
    const { recordId } = answer.data
    if (sent.recordId !== undefined) {
      assert.equal(recordId, sent.recordId, `${key} answers another delta than the first time`)
      assert.equal(answer.headers.get('idempotent-replayed'), 'true', key)
    } else {
      this.ackedCount++
    }
    sent.recordId = recordId
    return 'acked'
  }

  #digest(key: string): string {
    return Buffer.from(keyDigestOf(this.#tenant.tenantId, key) ?? []).toString('hex')
  }

  async #stored(owner: Pool) {
    const { rows } = await owner.query<{
      log_index: number
      record_nonce: Buffer
      key_digest: Buffer
      customer_id: string
      amount: string
    }>(
      `select log_index, record_nonce, key_digest, customer_id, trim_scale(amount)::text as amount
         from stored_delta where tenant_id = $1`,
      [this.#tenant.tenantNo],
    )
    const stored = new Map<string, { recordId: string; body: { customerId: string; delta: string } }[]>()
    for (const row of rows) {
      const digest = row.key_digest.toString('hex')
      const one = {
        recordId: recordIdOf(row.log_index, row.record_nonce),
        body: { customerId: row.customer_id, delta: row.amount },
      }
      stored.set(digest, [...(stored.get(digest) ?? []), one])
    }
    return stored
  }
}
