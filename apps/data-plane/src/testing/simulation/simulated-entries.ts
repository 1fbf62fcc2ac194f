import assert from 'node:assert/strict'
import type { TenantId } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import { timestampOf } from '@pacspace/api/timestamp'
import { sha256Text } from '@pacspace/proofs/sha256'
import { type Db, isUnavailable } from '@pacspace/service/postgres'
import type { SeededRandom } from '@pacspace/testing/seeded-random'
import type { CheckpointOutcome, CheckpointUnit } from '../../checkpoints/front-door.ts'
import type { FactOutcome, FactUnit } from '../../facts/front-door.ts'
import { keyDigestOf } from '../../ledger/delta-request.ts'

/** A request for an entry that is no delta. */
export type EntryRequest =
  | { readonly kind: 'fact'; readonly content: string; readonly key?: string }
  | ({ readonly kind: 'checkpoint'; readonly key?: string } & Pick<CheckpointUnit, 'customerId' | 'scope'>)

/** What the one who asked was told: an outcome, or nothing that it can rely on. */
export type EntryTold = FactOutcome | CheckpointOutcome | 'unavailable' | 'lost'

/** One sending of a request. */
export interface EntryAttempt {
  readonly request: EntryRequest
  readonly told: EntryTold
}

/** An api process as those who want facts and checkpoints reach it. */
export interface EntryApi {
  appendFact(tenantNo: number, unit: FactUnit): Promise<FactOutcome>
  takeCheckpoint(tenantNo: number, unit: CheckpointUnit): Promise<CheckpointOutcome>
  /** Resolves when it dies. */
  readonly death: Promise<'lost'>
}

const at = (instant: string) => timestampOf(Date.parse(instant))
const CUSTOMERS = ['c_1', 'c_2', null, null]
const SCOPES: readonly CheckpointUnit['scope'][] = [
  {},
  { period: '2026-01' },
  { period: '2026-01' },
  {
    endDate: at('2026-02-01T00:00:00.000Z'),
    startDate: at('2026-01-31T23:59:55.000Z'),
    timePreset: 'custom',
  },
]

/** Makes requests that meet: few contents, few scopes. `mayStateFacts`: facts count in an allowance, which the model of deltas does not know. */
export function newEntryRequest(random: SeededRandom, name: string, mayStateFacts: boolean): EntryRequest {
  const keyed = random.integer(2) === 0 ? { key: `key ${name}` } : {}
  if (mayStateFacts && random.integer(2) === 0)
    return { kind: 'fact', content: `content ${random.integer(3)}`, ...keyed }
  return { kind: 'checkpoint', customerId: random.pick(CUSTOMERS), scope: random.pick(SCOPES), ...keyed }
}

/** Sends a request to a process that may die meanwhile. Any other failure than "not now" is the simulation's find. */
export function sendEntry(
  api: EntryApi,
  tenantNo: number,
  tenantId: TenantId,
  request: EntryRequest,
): Promise<EntryTold> {
  const keyDigest = keyDigestOf(tenantId, request.key)
  const answer: Promise<FactOutcome | CheckpointOutcome> =
    request.kind === 'fact'
      ? api.appendFact(tenantNo, {
          content: request.content,
          contentHash: sha256Text(request.content),
          metadata: null,
          keyDigest,
        })
      : api.takeCheckpoint(tenantNo, { ...request, mode: null, fingerprints: null, keyDigest })
  const told = answer.catch((error: unknown) => {
    if (isUnavailable(error) || (error instanceof Problem && error.code === 'SERVICE_UNAVAILABLE'))
      return 'unavailable' as const
    throw error
  })
  return Promise.race([told, api.death])
}

/**
 * What was acknowledged is there, once, and was told the same to everybody: a fact by its content, a checkpoint by its key, and
 * one that closed a month by customer and month. Figures are the sums of exactly the deltas in scope, added up by the database.
 */
export async function checkEntries(
  db: Db,
  tenantNo: number,
  attempts: readonly EntryAttempt[],
): Promise<void> {
  await checkFacts(db, tenantNo, attempts)
  await checkCheckpoints(db, tenantNo, attempts)
  const { rows } = await db.query(
    `select s.customer_id, s.period, s.deltas_count, s.net_change, d.count, d.sum
       from stored_checkpoint s
      cross join lateral (
        select count(*) as count, coalesce(sum(d.amount), 0) as sum from delta d
         where d.tenant_id = s.tenant_id and (d.customer_no = s.customer_no or s.customer_no is null)
           and d.log_index < s.cut_size and (s.start_at is null or d.created_at >= s.start_at)
           and (s.end_at is null or d.created_at < s.end_at)) d
      where s.tenant_id = $1 and (s.log_index is null or d.count <> s.deltas_count or d.sum <> s.net_change)`,
    [tenantNo],
  )
  assert.deepEqual(rows, [], 'a checkpoint is not in the log, or does not count what is in its scope')
}

async function checkFacts(db: Db, tenantNo: number, attempts: readonly EntryAttempt[]): Promise<void> {
  const { rows } = await db.query<{ log_index: number; content: string; created_at: string }>(
    'select log_index, content, created_at from fact where tenant_id = $1',
    [tenantNo],
  )
  const stored = new Map(rows.map((row) => [row.content, row]))
  assert.equal(stored.size, rows.length, 'a fact is there twice')
  const asked = new Set(attempts.map(({ request }) => request.kind === 'fact' && request.content))
  for (const content of stored.keys()) assert.ok(asked.has(content), `nobody stated ${content}`)
  for (const { request, told } of attempts) {
    if (request.kind !== 'fact' || typeof told !== 'object' || told.kind !== 'done' || !('fact' in told))
      continue
    const row = stored.get(request.content)
    assert.deepEqual([row?.log_index, row?.created_at], [told.fact.logIndex, told.fact.createdAt])
  }
}

async function checkCheckpoints(db: Db, tenantNo: number, attempts: readonly EntryAttempt[]): Promise<void> {
  const { rows } = await db.query<{ nonce: Buffer; customer_id: string | null; proof_root: Buffer | null }>(
    'select nonce, customer_id, proof_root from stored_checkpoint where tenant_id = $1',
    [tenantNo],
  )
  const idOf = (nonce: Uint8Array, customerId: string | null) =>
    `${Buffer.from(nonce).toString('hex')} ${customerId}`
  const stored = new Map(rows.map((row) => [idOf(row.nonce, row.customer_id), row]))
  const first = new Map<string, string>()
  const requireSame = (what: string, id: string) => {
    assert.equal(id, first.get(what) ?? id, `two checkpoints for ${what}`)
    first.set(what, id)
  }
  for (const { request, told } of attempts) {
    if (typeof told !== 'object' || told.kind !== 'done' || !('checkpoint' in told)) continue
    const { nonce, customer_id, proof_root, closed, period } = told.checkpoint
    const id = idOf(nonce, customer_id)
    const row = stored.get(id)
    assert.ok(row !== undefined, `the checkpoint ${id} was acknowledged and is not there`)
    if (proof_root !== null) assert.deepEqual(row.proof_root, proof_root, `the root of ${id} has changed`)
    if (request.key !== undefined) requireSame(request.key, id)
    if (closed && period !== null) requireSame(`${period} of ${customer_id}`, id)
  }
}
