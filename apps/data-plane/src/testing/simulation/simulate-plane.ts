import assert from 'node:assert/strict'
import { newId, type TenantId } from '@pacspace/api/id'
import { timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import { silentLog } from '@pacspace/service/log'
import { isUnavailable, type Rows } from '@pacspace/service/postgres'
import { type SeededRandom, seededRandom } from '@pacspace/testing/seeded-random'
import { type Actor, Scheduler, type Step } from '@pacspace/testing/simulation/scheduler'
import { SimulatedDisk } from '@pacspace/testing/simulation/simulated-files'
import {
  type RanStatement,
  SimulatedDatabase,
  SimulatedPool,
  type StatementFault,
} from '@pacspace/testing/simulation/simulated-pool'
import type { AnchorFiles } from '../../anchors/anchor-files.ts'
import { readJournalPage } from '../../anchors/anchor-journal.ts'
import { checkCuts } from '../../anchors/check-cuts.ts'
import { confirm } from '../../anchors/confirm.ts'
import type { WorkerContext } from '../../anchors/context.ts'
import { FileAnchor } from '../../anchors/file-anchor.ts'
import { integrate } from '../../anchors/integrate.ts'
import { provisionWaiting } from '../../anchors/provision-log.ts'
import { VerifiedMemory } from '../../anchors/verified-memory.ts'
import { buildCuts } from '../../checkpoints/front-door.ts'
import { checkLog, describeFinding, selectLogs } from '../../fsck/front-door.ts'
import { createAppend } from '../../ledger/create-append.ts'
import { CustomerMemory } from '../../ledger/customer-memory.ts'
import { Scrubber } from '../../scrub/scrubber.ts'
import { upsertTenant } from '../../tenants/tenants.sql.ts'
import { checkHistory } from './history-check.ts'
import { OwnLogPool } from './own-log-pool.ts'
import { type Attempt, newUnit, type SimulatedApi, send, type Told } from './simulated-client.ts'
import {
  checkEntries,
  type EntryApi,
  type EntryAttempt,
  newEntryRequest,
  sendEntry,
} from './simulated-entries.ts'
import { NOW_SETTING, type SimulationStore } from './simulation-store.ts'

/** A known line of the plane that is broken on purpose: the simulation must see it. */
export interface Mutation {
  readonly answerOf?: (name: string, rows: Rows<unknown>) => Rows<unknown>
  readonly takesLostCommitForSuccess?: boolean
  readonly forgetsFlushes?: boolean
  /** A log carries the same mark for ever, whoever appends. */
  readonly marksNothing?: boolean
  /** In every run there is one who wants facts and checkpoints, and a scrubber. */
  readonly hasOthers?: true
  /** In place of the worker's anchor. */
  readonly anchorOf?: (anchor: FileAnchor) => FileAnchor
}

const START_MS = Date.parse('2026-01-31T23:59:50.000Z')
const MASTER_KEY = Buffer.alloc(32, 9)
const ANCHOR_FOLDER = '/anchor'
/** Chances of a fault at a step; a run has one of them. */
const FAULT_RATES = [0, 0.02, 0.06]
const KILL_RATES = [0, 0.01, 0.03]
const CLIENTS = 3
/** Fewer than there are, so that some are forgotten. */
const CUSTOMERS_REMEMBERED = 2
/** Last steps that a failure shows. */
const TRACE_SHOWN = 60
const REQUESTS_EACH = 3
/** Of so many runs one has those who ask for facts and checkpoints, and a scrubber: it takes twice as long. */
const OTHERS_EVERY = 5
/** Facts and checkpoints that are asked for in such a run. */
const ENTRIES = 3
/** Steps of anybody before a cut that could not go on is looked at again. */
const CUT_PAUSE_STEPS = 12
/** Verified entries behind a scrub before the next one begins. */
const SCRUB_EVERY = 6
/** What waits for rows that others hold: the scrubber for the claim of a tree, and whoever adds the same parts of a cut. */
const TREE_CLAIMS = ['claim_tree', 'lock_tree']
const VERIFIED_CLAIMS = ['claim_verified']
const PARTS = ['insert_checkpoint_parts']
const WAITS_FOR = { lock_tree: TREE_CLAIMS, insert_checkpoint_parts: PARTS }
/** What append asks for to mark a log. */
const MARK_BYTES = 6

/**
 * One run of append → recompute → sign → anchor → confirm under faults that a seed chooses: two api processes, two workers,
 * three clients and one who wants facts and checkpoints, a scrubber, statements that fail, connections lost before and after they did their work, COMMITs that nobody hears of,
 * processes killed between any two steps, a host that loses what was not flushed to its disk. Real code and a real
 * database; clock, ids, randomness and order come from the seed. Then everything must be as an independent model says, and
 * sound. Gives the trace. Fails by throwing.
 */
export async function simulatePlane(
  store: SimulationStore,
  seed: number,
  mutation: Mutation = {},
): Promise<string[]> {
  const run = new PlaneRun(store, seed, mutation)
  try {
    await run.provision()
    await run.play()
    await run.check()
    return run.trace
  } catch (error) {
    throw new Error(
      `PACSPACE_TEST_SEED=${seed} fails; its last steps:\n${run.trace.slice(-TRACE_SHOWN).join('\n')}`,
      { cause: error },
    )
  } finally {
    await run.end()
  }
}

class PlaneRun {
  readonly #store: SimulationStore
  readonly #mutation: Mutation
  readonly #random: SeededRandom
  readonly #scheduler: Scheduler
  readonly #database: SimulatedDatabase
  readonly #disk: SimulatedDisk
  readonly #faultRate: number
  readonly #killRate: number
  readonly #cap: number | null
  readonly #hasOthers: boolean
  readonly #tenantId: TenantId
  #tenantNo = 0
  #logId = ''
  #nowMs = START_MS
  #apis: (SimulatedApi & EntryApi & { readonly actor: Actor; readonly die: () => void })[] = []
  #workers: Actor[] = []
  #busyClients: number
  #isOver = false
  #failure: unknown
  readonly #attempts: Attempt[] = []
  readonly #entryAttempts: EntryAttempt[] = []
  readonly #recordIds: string[] = []
  /** As committed. */
  #logSize = 0
  #deltaCount = 0
  /** Checkpoints of all customers whose entries are not in the log. */
  #openCuts = 0
  #treeSize = 0
  #verifiedSize = 0
  readonly #rootAt = new Map<number, string>()

  constructor(store: SimulationStore, seed: number, mutation: Mutation) {
    this.#store = store
    this.#mutation = mutation
    const random = seededRandom(seed)
    this.#random = random
    this.#scheduler = new Scheduler(random)
    // What is broken on purpose is looked for where most goes wrong.
    const isBroken = Object.keys(mutation).length > 0
    this.#faultRate = isBroken ? Math.max(...FAULT_RATES) : random.pick(FAULT_RATES)
    this.#killRate = isBroken ? Math.max(...KILL_RATES) : random.pick(KILL_RATES)
    this.#cap = random.integer(4) === 0 ? 6 : null
    this.#hasOthers = mutation.hasOthers ?? random.integer(OTHERS_EVERY) === 0
    this.#busyClients = CLIENTS + Number(this.#hasOthers)
    this.#disk = new SimulatedDisk({ forgetsFlushes: mutation.forgetsFlushes ?? false })
    this.#tenantId = newId('tnt', random.bytes)
    this.#database = new SimulatedDatabase({
      scheduler: this.#scheduler,
      random,
      faultFor: () => this.#fault(),
      lockingStatement: 'lock_log',
      waitsFor: WAITS_FOR,
      beforeLock: (connection) =>
        connection.query(`select set_config('${NOW_SETTING}', $1, false)`, [timestampOf(this.#nowMs)]),
      onCommitted: (actor, statements) => this.#committed(actor, statements),
      mutate: mutation,
    })
  }

  get trace(): string[] {
    return this.#scheduler.trace
  }

  /** Faults are over; what is left is finished. */
  get #isCalm(): boolean {
    return this.#busyClients === 0
  }

  readonly #clock: Clock = { now: () => this.#nowMs }

  async provision(): Promise<void> {
    const { owner, worker } = this.#store
    await upsertTenant(owner, {
      tenantId: this.#tenantId,
      contractId: 'ctr_simulated',
      entitlement: {
        tier: 'growth',
        lifetimeCap: this.#cap,
        monthlyAllotment: null,
        writesAllowed: true,
        ratePerSecond: 1,
        burst: 1,
      },
      now: timestampOf(this.#nowMs),
    })
    const context = { ...this.#workerContext({ name: 'setup', isAlive: true }), db: worker }
    const fileAnchor = new FileAnchor(ANCHOR_FOLDER, { writer: 'setup', files: this.#filesAtOnce() })
    await provisionWaiting({ ...context, fileAnchor, atStep: async () => {} })
    const { rows } = await owner.query<{ id: number; log_id: string }>(
      'select t.id, l.log_id from tenant t join log l on l.tenant_id = t.id where t.public_id = $1',
      [this.#tenantId],
    )
    const [row = assert.fail('the tenant was not provisioned')] = rows
    this.#tenantNo = row.id
    this.#logId = row.log_id
  }

  async play(): Promise<void> {
    for (let index = 0; index < 2; index++) {
      this.#startApi(`api ${index}`)
      this.#startWorker(`worker ${index}`)
    }
    for (let index = 0; index < CLIENTS; index++) this.#watch(this.#beClient(`client ${index}`))
    if (this.#hasOthers) this.#watch(this.#beAuditor('auditor'))
    const isOver = () => this.#failure !== undefined || this.#isOver
    await this.#scheduler.run(isOver, (next) => this.#between(next))
    if (this.#failure !== undefined) throw this.#failure
  }

  async end(): Promise<void> {
    for (const { actor } of this.#apis) actor.isAlive = false
    for (const worker of this.#workers) worker.isAlive = false
    await this.#database.endAll()
  }

  async check(): Promise<void> {
    const { owner } = this.#store
    await checkHistory(owner, this.#tenantNo, this.#attempts, this.#cap)
    await checkEntries(owner, this.#tenantNo, this.#entryAttempts)
    assert.deepEqual(
      [this.#treeSize, this.#verifiedSize],
      [this.#logSize, this.#logSize],
      'not all is verified',
    )
    this.#requireAnchored()
    const anchor = new FileAnchor(ANCHOR_FOLDER, { files: this.#filesAtOnce() })
    const logs = await selectLogs(owner)
    const log = logs.find(({ tenant_id }) => tenant_id === this.#tenantNo) ?? assert.fail('the log is gone')
    const pages = checkLog(log, { snapshot: (work) => work(owner), anchor, until: 'end', rowsAtOnce: 1_000 })
    for await (const { findings } of pages) assert.deepEqual(findings.map(describeFinding), [])
    await this.#requireOneRootASize()
    this.trace.push(`ends at ${this.#logSize}: ${this.#rootAt.get(this.#logSize)}`)
  }

  /** Whatever was ever signed or anchored for a size had one root. */
  async #requireOneRootASize(): Promise<void> {
    const path = `${ANCHOR_FOLDER}/${this.#logId}/journal`
    for (let start: number | null = 0; start !== null; ) {
      const page: Awaited<ReturnType<typeof readJournalPage>> = await readJournalPage(
        this.#filesAtOnce(),
        path,
        start,
      )
      for (const { size, root } of page.heads) this.#signed(size, root)
      start = page.next
    }
  }

  #signed(size: number, root: Uint8Array): void {
    const text = Buffer.from(root).toString('hex')
    assert.equal(this.#rootAt.get(size) ?? text, text, `two roots of size ${size}`)
    this.#rootAt.set(size, text)
  }

  #fault(): StatementFault | undefined {
    if (this.#isCalm || this.#random.next() >= this.#faultRate) return undefined
    return this.#random.pick(['lost before', 'lost after', 'refused'])
  }

  /** Before each step time passes, and somebody may die. */
  async #between(_next: Step): Promise<void> {
    this.#nowMs += this.#random.integer(200)
    if (this.#isCalm || this.#random.next() >= this.#killRate) return
    const victim = this.#random.integer(5)
    if (victim < 2) await this.#killApi(victim)
    else if (victim < 4) await this.#killWorker(victim - 2)
    else {
      // The host of the workers: what was not flushed may be gone.
      await this.#killWorker(0)
      await this.#killWorker(1)
      this.#disk.loseUnsynced(this.#random)
      this.trace.push('the host died')
      this.#requireAnchored()
    }
  }

  #startApi(name: string, index = this.#apis.length): void {
    const actor: Actor = { name, isAlive: true }
    const { promise: death, resolve } = Promise.withResolvers<'lost'>()
    const pool = (max: number) => new SimulatedPool(this.#database, actor, this.#store.apiConnections, max)
    const db = pool(1)
    const { append, appendFact, takeCheckpoint, appendCutEntry } = createAppend({
      environment: 'sandbox',
      lanes: pool(2),
      laneCount: 2,
      db,
      clock: this.#clock,
      randomBytes: (length) =>
        length === MARK_BYTES && this.#mutation.marksNothing
          ? new Uint8Array(length)
          : this.#random.bytes(length),
      fileAnchor: new FileAnchor(ANCHOR_FOLDER, { files: this.#filesOf(actor) }),
      memory: new CustomerMemory(CUSTOMERS_REMEMBERED, 1),
      onCommitted: () => {},
      pause: () => this.#scheduler.step(actor, 'pause', () => {}),
    })
    this.#apis[index] = { actor, append, appendFact, takeCheckpoint, death, die: () => resolve('lost') }
    this.#watch(
      this.#goOnWithCuts(actor, 'build cuts', () => buildCuts({ db, log: silentLog, appendCutEntry })),
    )
  }

  async #killApi(index: number): Promise<void> {
    const api = this.#apis[index] ?? assert.fail()
    this.trace.push(`${api.actor.name} dies`)
    api.actor.isAlive = false
    await this.#database.died(api.actor)
    api.die()
    this.#startApi(`${api.actor.name}'`, index)
  }

  #startWorker(name: string, index = this.#workers.length): void {
    const actor: Actor = { name, isAlive: true }
    this.#workers[index] = actor
    const context = this.#workerContext(actor)
    const isBehind = () => this.#treeSize < this.#logSize
    const isUnconfirmed = () => this.#verifiedSize < this.#treeSize
    this.#watch(
      this.#repeat(actor, 'integrate', TREE_CLAIMS, isBehind, () => integrate(context, this.#tenantNo)),
    )
    this.#watch(
      this.#repeat(actor, 'confirm', VERIFIED_CLAIMS, isUnconfirmed, () => confirm(context, this.#tenantNo)),
    )
    this.#watch(this.#goOnWithCuts(actor, 'check cuts', () => checkCuts(context)))
    if (this.#hasOthers && index === 0) this.#watch(this.#scrub(actor, context))
  }

  async #killWorker(index: number): Promise<void> {
    const actor = this.#workers[index] ?? assert.fail()
    this.trace.push(`${actor.name} dies`)
    actor.isAlive = false
    await this.#database.died(actor)
    this.#startWorker(`${actor.name}'`, index)
  }

  #workerContext(actor: Actor): WorkerContext {
    const anchor = new FileAnchor(ANCHOR_FOLDER, { writer: actor.name, files: this.#filesOf(actor) })
    return {
      db: new SimulatedPool(this.#database, actor, this.#store.workerConnections, 3),
      clock: this.#clock,
      randomBytes: this.#random.bytes,
      log: silentLog,
      fileAnchor: this.#mutation.anchorOf?.(anchor) ?? anchor,
      memory: new VerifiedMemory(CUSTOMERS_REMEMBERED, 1),
      masterKey: MASTER_KEY,
      logHost: 'simulated.pacspace.example',
      atStep: (step) => this.#scheduler.step(actor, `at ${step}`, () => {}),
    }
  }

  /**
   * A worker's loop: whenever there is work. What the anchor or the database refuses for now is tried again. `claims`:
   * statements that claim the work; whoever found it claimed looks again when it is not.
   */
  async #repeat(
    actor: Actor,
    name: string,
    claims: readonly string[],
    hasWork: () => boolean,
    work: () => Promise<string>,
  ): Promise<void> {
    let foundClaimed = false
    while (actor.isAlive) {
      const isReady = () => hasWork() && !(foundClaimed && this.#database.isHeld(claims))
      await this.#scheduler.step(actor, name, () => {}, { isReady })
      foundClaimed = false
      try {
        const result = await work()
        foundClaimed = result === 'busy'
        assert.ok(result !== 'failed' && result !== 'blocked', `${name} found the data ${result}`)
      } catch (error) {
        if (!isForNow(error)) throw error
      }
    }
  }

  /** A loop over checkpoints of all customers: as long as there are some, now and then. */
  async #goOnWithCuts(actor: Actor, name: string, work: () => Promise<boolean>): Promise<void> {
    let nextAt = 0
    while (actor.isAlive) {
      // When all others have come to rest, there is nothing to wait for.
      const isAtRest = () => this.#isCalm && this.#verifiedSize === this.#logSize
      const isReady = () => this.#openCuts > 0 && (this.trace.length >= nextAt || isAtRest())
      await this.#scheduler.step(actor, name, () => {}, { isReady })
      try {
        const isBusy = await work()
        nextAt = isBusy ? 0 : this.trace.length + CUT_PAUSE_STEPS
      } catch (error) {
        if (!isForNow(error)) throw error
      }
    }
  }

  /** The scrubber of a worker, whenever enough was verified since it was there last. What it may find is nothing. */
  async #scrub(actor: Actor, context: WorkerContext): Promise<void> {
    const db = new OwnLogPool(this.#database, actor, this.#store.workerConnections, 1, () => this.#tenantNo)
    const scrubber = new Scrubber({ ...context, db })
    while (actor.isAlive) {
      const isReady = () => this.#verifiedSize >= this.#scrubbedSize + SCRUB_EVERY
      await this.#scheduler.step(actor, 'scrub', () => {}, { isReady })
      const size = this.#verifiedSize
      try {
        await scrubber.cycle()
        this.#scrubbedSize = size
      } catch (error) {
        if (!isForNow(error)) throw error
      }
      assert.equal(scrubber.figures.damagedLogs, 0, 'the scrubber found damage')
    }
  }

  #scrubbedSize = 0

  /** Asks for facts and checkpoints; like a client, once more in calm for what it was not told. */
  async #beAuditor(name: string): Promise<void> {
    const actor: Actor = { name, isAlive: true }
    const unanswered: EntryAttempt['request'][] = []
    for (let entry = 0; entry < ENTRIES; entry++) {
      const request = newEntryRequest(this.#random, `${name}/${entry}`, this.#cap === null)
      const told = await this.#attemptEntry(actor, request)
      if (typeof told !== 'object') unanswered.push(request)
      else if (this.#random.integer(3) === 0) await this.#attemptEntry(actor, request)
    }
    this.#busyClients--
    await this.#scheduler.step(actor, 'wait for calm', () => {}, { isReady: () => this.#isCalm })
    for (const request of unanswered) {
      const told = await this.#attemptEntry(actor, request)
      assert.ok(typeof told === 'object', `no answer in calm: ${told}`)
    }
    await this.#waitForVerification(actor)
  }

  async #attemptEntry(actor: Actor, request: EntryAttempt['request']): Promise<EntryAttempt['told']> {
    const index = this.#random.integer(this.#apis.length)
    await this.#scheduler.step(actor, `send ${request.kind} to api ${index}`, () => {})
    const api = this.#apis[index] ?? assert.fail()
    const told = await sendEntry(api, this.#tenantNo, this.#tenantId, request)
    this.#entryAttempts.push({ request, told })
    this.trace.push(`${actor.name} is told ${typeof told === 'object' ? told.kind : told}`)
    return told
  }

  async #waitForVerification(actor: Actor): Promise<void> {
    const isReady = () => this.#verifiedSize === this.#logSize && this.#openCuts === 0
    await this.#scheduler.step(actor, 'wait for verification', () => {}, { isReady })
    this.#isOver = ++this.#doneClients === CLIENTS + Number(this.#hasOthers)
  }

  async #beClient(name: string): Promise<void> {
    const actor: Actor = { name, isAlive: true }
    const unanswered: Attempt['unit'][] = []
    for (let request = 0; request < REQUESTS_EACH; request++) {
      const unit = newUnit(this.#random, `${name}/${request}`, this.#recordIds)
      const told = await this.#attempt(actor, unit)
      const isUnsure = typeof told !== 'object'
      if (unit.key === undefined) continue
      if (isUnsure) unanswered.push(unit)
      // The same again, or another request under the same key.
      else if (this.#random.integer(4) === 0) await this.#attempt(actor, unit)
      else if (this.#random.integer(6) === 0) {
        await this.#attempt(actor, { ...newUnit(this.#random, `${name}/${request}'`, []), key: unit.key })
      }
    }
    this.#busyClients--
    await this.#scheduler.step(actor, 'wait for calm', () => {}, { isReady: () => this.#isCalm })
    for (const unit of unanswered) {
      const told = await this.#attempt(actor, unit)
      assert.ok(typeof told === 'object', `no answer in calm: ${told}`)
    }
    await this.#waitForVerification(actor)
  }

  #doneClients = 0

  async #attempt(actor: Actor, unit: Attempt['unit']): Promise<Told> {
    const index = this.#random.integer(this.#apis.length)
    await this.#scheduler.step(actor, `send ${unit.route} to api ${index}`, () => {})
    const from = this.#deltaCount
    const api = this.#apis[index] ?? assert.fail()
    const told = await send(api, this.#tenantNo, this.#tenantId, unit)
    this.#attempts.push({ unit, from, to: this.#deltaCount, told })
    this.trace.push(`${actor.name} is told ${describeTold(told)}`)
    if (typeof told === 'object' && told.kind === 'done') {
      for (const item of told.items)
        if (item.kind === 'written' || item.kind === 'replay') this.#recordIds.push(item.delta.recordId)
    }
    return told
  }

  /** Keeps what is true of the database now, and holds it against the anchor. */
  #committed(_actor: Actor, statements: readonly RanStatement[]): void {
    for (const { name, values, rowCount } of statements) {
      if (LOG_ENTRIES.has(name)) this.#logSize += rowCount
      if (name === 'insert_group') this.#deltaCount += rowCount
      if (name === 'insert_checkpoint_cut') this.#openCuts++
      // Of all customers: its entry, behind the cut.
      if (name === 'insert_checkpoint' && values[14] === null) this.#openCuts--
      assert.notEqual(name, 'upsert_failure', 'sound data was called damaged')
      if (name === 'update_tree') this.#treeSize = Number(values[1])
      if (name === 'insert_note' && values[2] instanceof Uint8Array)
        this.#signed(Number(values[1]), values[2])
      if (name === 'update_verified') {
        this.#verifiedSize = Number(values[1])
        this.#requireAnchored()
      }
    }
  }

  /** Nothing is called verified that the anchor would not still hold after a power cut. */
  #requireAnchored(): void {
    const journal =
      this.#disk.durableBytes(`${ANCHOR_FOLDER}/${this.#logId}/journal`)?.toString('latin1') ?? ''
    const sizes = journal
      .slice(0, journal.lastIndexOf('\n') + 1)
      .split('\n')
      .map((line) =>
        Number(
          Buffer.from(line.split(' ')[1] ?? '', 'base64')
            .toString()
            .split('\n')[1],
        ),
      )
    if (this.#verifiedSize === 0) return
    assert.ok(
      sizes.includes(this.#verifiedSize),
      `size ${this.#verifiedSize} is verified, the anchor holds ${sizes}`,
    )
  }

  #filesOf(actor: Actor): AnchorFiles {
    const files = this.#disk.filesFor((name, work) =>
      this.#scheduler.step(actor, name, () => {
        const fails = !this.#isCalm && this.#random.next() < this.#faultRate / 2
        if (fails && this.#random.integer(2) === 0) throw new DiskError()
        const result = work()
        if (fails) throw new DiskError()
        return result
      }),
    )
    return files as unknown as AnchorFiles // what the anchor uses of it
  }

  #filesAtOnce(): AnchorFiles {
    return this.#disk.filesFor(async (_name, work) => work()) as unknown as AnchorFiles // see above
  }

  /** A promise that must not fail, or the run has. */
  #watch(promise: Promise<void>): void {
    promise.catch((error: unknown) => {
      this.#failure ??= error
    })
  }
}

/** Statements that append entries to a log, one a row. */
const LOG_ENTRIES: ReadonlySet<string> = new Set(['insert_group', 'insert_facts', 'insert_checkpoint'])

class DiskError extends Error {
  readonly code = 'EIO'
}

/** What a worker may meet under these faults, and tries again. */
function isForNow(error: unknown): boolean {
  if (isUnavailable(error) || error instanceof DiskError) return true
  // Its claim was lost with its connection, and another worker published meanwhile.
  return (
    error instanceof Error && /^anchor of log .* ahead of|holds another head than the one/.test(error.message)
  )
}

function describeTold(told: Told): string {
  if (typeof told !== 'object') return told
  if (told.kind === 'refused') return told.refusal.code
  const items = told.items.map((item) => {
    if (item.kind === 'refused') return item.refusal.code
    return item.kind === 'void' ? item.voidOf : item.delta.logIndex
  })
  return `${told.replayed ? 'again ' : ''}${items}`
}
