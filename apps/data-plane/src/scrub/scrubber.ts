import { isDeepStrictEqual } from 'node:util'
import { timestampOf } from '@pacspace/api/timestamp'
import { sqlState, sqlStateOf, transaction } from '@pacspace/service/postgres'
import { deleteFailure, lockFailure, upsertFailure, type WorkerContext } from '../anchors/front-door.ts'
import {
  type CheckedLog,
  type CheckedPage,
  checkLog,
  describeFinding,
  describeOrphan,
  type Finding,
  selectLogless,
  selectLogs,
  selectOrphans,
  snapshotsOf,
} from '../fsck/front-door.ts'

/** Few: a page is derived in one turn of the event loop, which live verification needs too. */
const ROWS_AT_ONCE = 250
const CUSTOMERS_MAX = 50_000
/** A log with damaged data is looked at again this often, until it is repaired. */
const RECHECK_MS = 2_000
/** Findings of a page that are kept; one cause can have many. */
const FINDINGS_KEPT = 20

export type ScrubContext = Pick<WorkerContext, 'db' | 'clock' | 'log' | 'fileAnchor'>

/** Told how many rows were read; resolves when the next page may be. */
export type Pace = (rows: number) => Promise<void>

/** A walk over one log, which stands still before a page that is damaged. */
interface Walk {
  readonly log: CheckedLog
  readonly pages: AsyncGenerator<CheckedPage, void, boolean | undefined>
  readonly startedMs: number
  /** What it stands at, as text; null while it moves. */
  standsAt: string | null
  recheckAtMs: number
}

/**
 * Walks all verified data, log after log, and derives it again (design.md §4, step 7), by the code of fsck. What it finds
 * it names in `verify_state`, so that nothing at or after it reads as verified and nothing is signed on top, and raises the
 * alarm. It stands at the damage and looks again until it is repaired; then everything is verified as before. Changes
 * nothing else. The place of a walk is kept in memory: a worker that dies begins anew, and any number of workers may walk.
 */
export class Scrubber {
  readonly #context: ScrubContext
  readonly #standing = new Map<number, Walk>()
  readonly #orphansTold = new Set<string>()
  #rows = 0
  #cycles = 0
  #lastCycleMs = 0

  constructor(context: ScrubContext) {
    this.#context = context
  }

  get figures() {
    const { size: damagedLogs } = this.#standing
    return { rows: this.#rows, cycles: this.#cycles, lastCycleMs: this.#lastCycleMs, damagedLogs }
  }

  /** Once over every log. `pace`: default at full speed. Rejects when the database is away: call it again. */
  async cycle(pace: Pace = async () => {}): Promise<void> {
    const startedMs = performance.now()
    const logs = await selectLogs(this.#context.db)
    this.#forgetGone(logs)
    for (const log of logs) {
      const standing = this.#standing.get(log.tenant_id)
      const isSame = standing !== undefined && isDeepStrictEqual(standing.log, log)
      await this.#walk(isSame ? standing : this.#newWalk(log), pace)
    }
    await this.#checkOrphans()
    this.#cycles++
    this.#lastCycleMs = performance.now() - startedMs
  }

  #newWalk(log: CheckedLog): Walk {
    const { db, clock, fileAnchor: anchor } = this.#context
    const pages = checkLog(log, {
      snapshot: snapshotsOf(db),
      anchor,
      until: 'verified',
      rowsAtOnce: ROWS_AT_ONCE,
      customersMax: CUSTOMERS_MAX,
    })
    return { log, pages, startedMs: clock.now(), standsAt: null, recheckAtMs: 0 }
  }

  /** Goes on to the end of a log, or to where it is damaged. */
  async #walk(walk: Walk, pace: Pace): Promise<void> {
    for (;;) {
      const page = await walk.pages.next(walk.standsAt !== null).catch((error) => this.#drop(walk, error))
      if (page.done) {
        await this.#passed(walk)
        return
      }
      this.#rows += page.value.deltas
      if (page.value.findings.length > 0) {
        await this.#stand(walk, page.value.findings)
        return
      }
      if (walk.standsAt !== null) await this.#repaired(walk)
      await pace(page.value.deltas)
      await this.#recheckDue(pace)
    }
  }

  /** A walk that broke off is begun anew in the next cycle. */
  #drop(walk: Walk, error: unknown): never {
    this.#standing.delete(walk.log.tenant_id)
    throw error
  }

  async #recheckDue(pace: Pace): Promise<void> {
    for (const walk of this.#standing.values()) {
      if (walk.recheckAtMs <= performance.now()) await this.#walk(walk, pace)
    }
  }

  async #stand(walk: Walk, findings: readonly Finding[]): Promise<void> {
    const { log } = walk
    walk.recheckAtMs = performance.now() + RECHECK_MS
    const kept = findings.slice(0, FINDINGS_KEPT)
    const discrepancies = kept.map(describeFinding)
    const firstFailedIndex = Math.min(...findings.map(({ logIndex }) => logIndex))
    const text = JSON.stringify([firstFailedIndex, discrepancies])
    this.#standing.set(log.tenant_id, walk)
    const isNew = walk.standsAt !== text
    walk.standsAt = text
    if (isNew) {
      const tables = kept.map(({ table, row }) => ({ table, row }))
      this.#context.log.error(
        { tenantId: log.tenant_public_id, logIndex: firstFailedIndex, tables, discrepancies },
        'stored data is damaged',
      )
    }
    await this.#keep(log, firstFailedIndex, discrepancies)
  }

  async #keep(log: CheckedLog, firstFailedIndex: number, discrepancies: readonly string[]): Promise<void> {
    const { db, clock } = this.#context
    const failure = { firstFailedIndex, blockedCode: null, discrepancies }
    await transaction(db, async (tx) => {
      const known = await lockFailure(tx, log.tenant_id)
      // A log that is behind its anchor takes nothing at all: that stands above.
      if (known !== undefined && known.blocked_code !== null) return
      const isKnown = known?.found_by === 'scrub' && known.first_failed_index === firstFailedIndex
      if (isKnown && JSON.stringify(known.discrepancies) === JSON.stringify(discrepancies)) return
      await upsertFailure(tx, log.tenant_id, failure, 'scrub', timestampOf(clock.now()))
    }).catch((error) => {
      // The log's own row went meanwhile: the orphans it leaves are told of.
      if (sqlStateOf(error) !== sqlState.foreignKeyViolation) throw error
    })
  }

  async #repaired(walk: Walk): Promise<void> {
    const { log } = walk
    await transaction(this.#context.db, async (tx) => {
      await lockFailure(tx, log.tenant_id)
      await deleteFailure(tx, log.tenant_id, 'scrub')
    })
    walk.standsAt = null
    this.#standing.delete(log.tenant_id)
    this.#context.log.info({ tenantId: log.tenant_public_id }, 'damaged data is repaired')
  }

  /** The whole log held: what an earlier walk found, of a worker that is gone perhaps, holds no more. */
  async #passed(walk: Walk): Promise<void> {
    const { log, startedMs } = walk
    await transaction(this.#context.db, async (tx) => {
      const known = await lockFailure(tx, log.tenant_id)
      if (known?.found_by !== 'scrub' || known.found_at > timestampOf(startedMs)) return
      await deleteFailure(tx, log.tenant_id, 'scrub')
    })
    this.#standing.delete(log.tenant_id)
  }

  #forgetGone(logs: readonly CheckedLog[]): void {
    const there = new Set(logs.map(({ tenant_id }) => tenant_id))
    for (const tenantNo of this.#standing.keys()) if (!there.has(tenantNo)) this.#standing.delete(tenantNo)
  }

  /** Rows of tenants that have no log: no answer depends on them, but somebody put them there. */
  async #checkOrphans(): Promise<void> {
    const { db } = this.#context
    const texts = [
      ...(await selectLogless(db)).map((tenant) => `log: row of tenant ${tenant} is missing`),
      ...(await selectOrphans(db)).map(describeOrphan),
    ]
    for (const text of texts) {
      if (!this.#orphansTold.has(text))
        this.#context.log.error({ discrepancies: [text] }, 'stored data is damaged')
    }
    this.#orphansTold.clear()
    for (const text of texts) this.#orphansTold.add(text)
  }
}
