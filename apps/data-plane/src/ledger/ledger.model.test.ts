import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import * as api from '@pacspace/api/definition/ledger'
import type { EndpointData } from '@pacspace/api/endpoint'
import {
  LedgerModel,
  type ModelDelta,
  type ModelOutcome,
  type ModelRequest,
  type ModelUnit,
} from '@pacspace/testing/ledger-model'
import { type SeededRandom, seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import { stopTimeAt } from '../testing/plane-time.ts'
import { intrude } from '../testing/tampered.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'
import { parseVoidOrder } from '../voids/void-order.ts'
import { voidRecord } from '../voids/void-record.ts'

const OPERATIONS = 400
const CUSTOMERS = ['c_1', 'c_2', 'c_3', 'c_4']
const REFERENCES = ['r_1', 'r_2', 'r_3', 'r_4', 'r_5', 'r_6']
const START_MS = Date.parse('2026-01-20T00:00:00.000Z')
/** Some months go by in a run. */
const PAUSE_MS_MAX = 10 * 86_400_000

type Emitted = EndpointData<typeof api.emitDelta>
type Batch = EndpointData<typeof api.emitBatch>

let plane: TestDataPlane
before(async () => {
  plane = await startTestDataPlane()
})
after(() => plane[Symbol.asyncDispose]())

/** A ledger and its model, asked the same. */
class Twins {
  readonly #tenant: TestTenant
  readonly #random: SeededRandom
  readonly #model = new LedgerModel()
  /** By log index: how the ledger named it, and when. */
  readonly #known: { readonly recordId: string; readonly root: string; readonly createdAt: string }[] = []
  readonly #sent: ModelUnit[] = []
  #nowMs = START_MS
  #verified = 0

  constructor(tenant: TestTenant, random: SeededRandom) {
    this.#tenant = tenant
    this.#random = random
  }

  async operate(): Promise<void> {
    const chance = this.#random.integer(100)
    if (chance < 35) await this.#write(this.#newUnit('emit'))
    else if (chance < 50) await this.#write(this.#newUnit('batch'))
    else if (chance < 58) await this.#repeat()
    else if (chance < 62) await this.#reuseKey()
    else if (chance < 70) await this.#passTime()
    else if (chance < 76) await this.#verify()
    else if (chance < 78) await this.#loseOne()
    else await this.#derive()
  }

  async #passTime(): Promise<void> {
    this.#nowMs += this.#random.integer(PAUSE_MS_MAX)
    await stopTimeAt(plane, new Date(this.#nowMs).toISOString())
  }

  async #verify(): Promise<void> {
    await plane.verifyAll()
    this.#verified = this.#model.deltas.length
  }

  /** A row that is not verified yet is damaged for good, and made void. */
  async #loseOne(): Promise<void> {
    const pending = CUSTOMERS.flatMap((customerId) => this.#model.of(customerId)).filter(
      ({ index }) => index >= this.#verified,
    )
    if (pending.length === 0) return
    const { index } = this.#random.pick(pending)
    const { tenantNo } = this.#tenant
    const where = `tenant_id = ${tenantNo} and log_index = ${index}`
    await intrude(plane.owner, `update delta set reason = reason || ' damaged' where ${where}`)
    await plane.verifyAll()
    const order = parseVoidOrder({ record: this.#known[index]?.recordId, reason: 'lost' })
    const { clock, context, owner: db, worker } = plane
    const { randomBytes } = context
    await voidRecord(order, { db, clock, randomBytes, anchor: worker.fileAnchor }, { isDryRun: false })
    this.#model.makeVoid(index)
    await this.#verify()
  }

  async #repeat(): Promise<void> {
    if (this.#sent.length > 0) await this.#write(this.#random.pick(this.#sent))
  }

  async #reuseKey(): Promise<void> {
    const keyed = this.#sent.filter(({ key }) => key !== undefined)
    if (keyed.length === 0) return
    const { key = '' } = this.#random.pick(keyed)
    await this.#write({ ...this.#newUnit(this.#random.pick(['emit', 'batch'])), key })
  }

  async #write(unit: ModelUnit): Promise<void> {
    this.#sent.push(unit)
    const expected = this.#model.apply(unit)
    const headers: Record<string, string> = unit.key === undefined ? {} : { 'idempotency-key': unit.key }
    const call = { key: this.#tenant.key, headers }
    const answer =
      unit.route === 'emit'
        ? await plane.client.call(api.emitDelta, { ...call, body: unit.items[0] })
        : await plane.client.call(api.emitBatch, { ...call, body: { deltas: unit.items } })
    const what = JSON.stringify({ unit, expected, answer: answer.text })
    if (expected.kind === 'refused') {
      assert.equal(answer.problem?.code, expected.code, what)
      return
    }
    assert.equal(answer.status, 201, what)
    assert.equal(answer.headers.get('idempotent-replayed') === 'true', isReplay(unit, expected), what)
    const told = 'results' in answer.data ? answer.data.results : [answer.data]
    for (const [at, item] of expected.items.entries()) this.#requireItem(item, told[at], what)
  }

  #requireItem(
    item: Extract<ModelOutcome, { kind: 'done' }>['items'][number],
    told: Emitted | Batch['results'][number] | undefined,
    what: string,
  ): void {
    assert.ok(told !== undefined, what)
    if (item.kind === 'refused' || item.kind === 'void') {
      assert.equal('error' in told && told.error, item.kind === 'void' ? 'DELTA_VOID' : item.code, what)
      return
    }
    const delta = this.#model.deltas[item.index] ?? assert.fail(what)
    const { recordId = '', receiptId: root = '', createdAt = '' } = told
    assert.deepEqual(
      [told.customerId, told.delta, told.sequenceNumber, told.anchorId],
      [delta.request.customerId, delta.amount, delta.sequence, `a_${item.index}`],
      what,
    )
    const known = this.#known[item.index] ?? { recordId, root, createdAt }
    assert.deepEqual({ recordId, root, createdAt }, known, `said otherwise before: ${what}`)
    this.#known[item.index] = known
    this.#model.learnRecordId(recordId, item.index)
    if (!('adjusts' in told)) return
    const adjusted = delta.adjusts === null ? null : this.#known[delta.adjusts]?.recordId
    assert.equal(told.adjusts, adjusted, what)
  }

  async #derive(): Promise<void> {
    const customerId = this.#random.pick(CUSTOMERS)
    const all = this.#model.of(customerId)
    const includePending = this.#random.integer(3) === 0
    const counted = includePending ? all : all.filter(({ index }) => index < this.#verified)
    const { query, holds } = this.#scope(all)
    const inScope = counted.filter(holds)
    const [limit, offset] = [1 + this.#random.integer(5), this.#random.integer(4)]
    const startingBalance = BigInt(this.#random.integer(1_000)) * 10n ** 9n
    const call = {
      key: this.#tenant.key,
      params: { customerId },
      query: { ...query, includePending, limit, offset, startingBalance: decimalText(startingBalance) },
    }
    if (!this.#model.hasBegun(customerId)) {
      await plane.client.refuse(api.deriveBalance, 'CUSTOMER_NOT_FOUND', call)
      return
    }
    const derived = await plane.client.succeed(api.deriveBalance, call)
    const what = JSON.stringify(call)
    assert.deepEqual(
      [derived.computedBalance, derived.deltasCount, derived.pendingCount],
      [
        inScope.reduce((sum, { amount }) => sum + amount, startingBalance),
        inScope.length,
        all.filter(({ index }) => index >= this.#verified).length,
      ],
      what,
    )
    assert.deepEqual(
      derived.deltas.map(({ recordId, delta, receiptId }) => [recordId, delta, receiptId]),
      inScope.slice(offset, offset + limit).map(({ index, amount }) => {
        const { recordId, root } = this.#known[index] ?? assert.fail(what)
        return [recordId, amount, root]
      }),
      what,
    )
    const last = inScope.at(-1)
    if (last !== undefined) assert.equal(derived.latestReceiptId, this.#known[last.index]?.root, what)
  }

  /** A part of the history, as a query and as a rule. */
  #scope(all: readonly ModelDelta[]): { query: object; holds: (delta: ModelDelta) => boolean } {
    const timeOf = ({ index }: ModelDelta) => Date.parse(this.#known[index]?.createdAt ?? '')
    const anyMs = START_MS + this.#random.integer(Math.max(1, this.#nowMs - START_MS))
    const from = all.length === 0 ? undefined : this.#random.pick(all)
    switch (this.#random.integer(6)) {
      case 0: {
        const period = new Date(anyMs).toISOString().slice(0, 7)
        return {
          query: { period },
          holds: (delta) => this.#known[delta.index]?.createdAt.startsWith(period) ?? false,
        }
      }
      case 1: {
        const endMs = anyMs + this.#random.integer(PAUSE_MS_MAX)
        const [startDate, endDate] = [anyMs, endMs].map((ms) => new Date(ms).toISOString())
        return {
          query: { timePreset: 'custom', startDate, endDate },
          holds: (delta) => timeOf(delta) >= anyMs && timeOf(delta) < endMs,
        }
      }
      case 2:
        return { query: { at: new Date(anyMs).toISOString() }, holds: (delta) => timeOf(delta) <= anyMs }
      case 3: {
        if (from === undefined) return { query: {}, holds: () => true }
        const { recordId, root } = this.#known[from.index] ?? assert.fail()
        const startingCheckpoint = this.#random.pick([recordId, root, `a_${from.index}`])
        return { query: { startingCheckpoint }, holds: (delta) => delta.sequence > from.sequence }
      }
      default:
        return { query: {}, holds: () => true }
    }
  }

  #newUnit(route: ModelUnit['route']): ModelUnit {
    const name = `op ${this.#sent.length}`
    const count = route === 'emit' ? 1 : 1 + this.#random.integer(5)
    const items = Array.from({ length: count }, (_, at) => this.#newRequest(`${name}.${at}`))
    // Twice the same in one batch.
    const twin = items[0]
    if (route === 'batch' && twin !== undefined && this.#random.integer(3) === 0) items.push(twin)
    return { route, items, ...(this.#random.integer(2) === 0 ? { key: name } : {}) }
  }

  #newRequest(name: string): ModelRequest {
    const random = this.#random
    const isPlain = random.integer(3) === 0
    return {
      customerId: random.pick(CUSTOMERS),
      delta: isPlain
        ? '7'
        : `${random.pick(['', '-'])}${1 + random.integer(1_000_000)}${random.pick(['', '.25', '.000000000001'])}`,
      reason: isPlain ? 'equal' : name,
      ...(random.integer(2) === 0 ? { referenceId: random.pick(REFERENCES) } : {}),
      ...(!isPlain && random.integer(4) === 0 ? { metadata: { z: [1, { y: null }], a: name } } : {}),
      ...this.#adjusting(),
    }
  }

  #adjusting(): Pick<ModelRequest, 'adjusts'> {
    const known = this.#known.filter((one) => one !== undefined)
    switch (this.#random.integer(10)) {
      case 0:
        return { adjusts: { referenceId: this.#random.pick(REFERENCES) } }
      case 1:
        return known.length === 0 ? {} : { adjusts: { recordId: this.#random.pick(known).recordId } }
      default:
        return {}
    }
  }
}

/** An answer is marked as a replay when its key was seen, or when an emit without one equals an earlier delta. */
function isReplay(unit: ModelUnit, outcome: Extract<ModelOutcome, { kind: 'done' }>): boolean {
  if (outcome.replayed) return true
  return unit.route === 'emit' && outcome.items.every(({ kind }) => kind === 'replay')
}

function decimalText(units: bigint): string {
  return `${units / 10n ** 12n}.${(units % 10n ** 12n).toString().padStart(12, '0')}`
}

it('R17 R15 random requests are answered as the model says, to the last digit', async (t) => {
  const random = seededRandom(testSeed())
  t.diagnostic(`seed ${random.seed}`)
  await stopTimeAt(plane, new Date(START_MS).toISOString())
  const twins = new Twins(await plane.newTenant(), random)
  try {
    for (let operation = 0; operation < OPERATIONS; operation++) await twins.operate()
  } catch (error) {
    throw new Error(`PACSPACE_TEST_SEED=${random.seed} fails`, { cause: error })
  }
})

it('what stands after it is sound', () => plane.requireSound())
