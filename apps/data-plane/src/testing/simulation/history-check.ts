import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { Db } from '@pacspace/service/postgres'
import {
  decimalOf,
  LedgerModel,
  type ModelItem,
  type ModelOutcome,
  type ModelUnit,
} from '@pacspace/testing/ledger-model'
import type { ItemOutcome, UnitOutcome } from '../../ledger/append-unit.ts'
import { recordIdOf } from '../../ledger/record-id.ts'
import type { Attempt } from './simulated-client.ts'

/** A delta as it stands in the database. */
interface StoredRow {
  /** Among the deltas, from 0. */
  readonly position: number
  readonly log_index: number
  readonly record_nonce: Buffer
  readonly customer_id: string
  readonly seq: number
  readonly amount: string
  readonly balance: string
  readonly reason: string
  readonly reference_id: string | null
  readonly adjusts_record_id: string | null
}

/** The reason of requests that may equal each other. */
export const EQUAL = 'equal'

/**
 * Holds what clients were told, and what the database holds, against the independent model: there must be one order of the
 * requests, that of the log, in which the model writes exactly these rows, and gives each answer at some moment between the
 * request's sending and its answer. Nothing acknowledged is missing, nothing is there twice, nothing that was not sent.
 */
export async function checkHistory(
  db: Db,
  tenantNo: number,
  attempts: readonly Attempt[],
  cap: number | null,
): Promise<LedgerModel> {
  const rows = await storedRows(db, tenantNo)
  const model = new LedgerModel(cap)
  for (const row of rows) model.learnRecordId(idOf(row), row.position)
  const positionOf: PositionOf = new Map(rows.map((row) => [row.log_index, row.position]))
  const open = new Set(attempts.filter(({ told }) => typeof told === 'object'))
  const units = new Map(
    attempts.flatMap(({ unit }) => unit.items.map(({ reason }) => [reason, unit] as const)),
  )
  for (;;) {
    explain(model, open, positionOf)
    const row = rows[model.deltas.length]
    if (row === undefined) break
    applyWriterOf(row, rows, model, units, attempts)
    for (const delta of model.deltas.slice(row.position)) requireRow(rows[delta.index], delta, model)
  }
  for (const { unit, told, from, to } of open) {
    if (typeof told !== 'object') continue
    assert.fail(
      `no order of the log explains ${JSON.stringify({ unit, told: outcomeOf(told, positionOf), from, to })}`,
    )
  }
  requireSameAnswers(attempts)
  return model
}

async function storedRows(db: Db, tenantNo: number): Promise<StoredRow[]> {
  const { rows } = await db.query<Omit<StoredRow, 'position'>>(
    `select log_index, record_nonce, customer_id, seq, trim_scale(amount)::text as amount,
            trim_scale(balance)::text as balance, reason, reference_id, adjusts_record_id
       from stored_delta where tenant_id = $1 order by log_index`,
    [tenantNo],
  )
  return rows.map((row, position) => ({ ...row, position }))
}

/** Of a log index, how many deltas come before it: other entries stand between them. The model knows deltas only. */
type PositionOf = ReadonlyMap<number, number>

/** Strikes out the answers that the model gives at this point of the log. */
function explain(model: LedgerModel, open: Set<Attempt>, positionOf: PositionOf): void {
  const size = model.deltas.length
  for (const attempt of open) {
    if (attempt.from > size || attempt.to < size) continue
    const { told } = attempt
    if (typeof told !== 'object') continue
    if (isDeepStrictEqual(outcomeOf(model.decide(attempt.unit), positionOf), outcomeOf(told, positionOf)))
      open.delete(attempt)
  }
}

/** The request that wrote a row: named by its reason, or, among equal ones, any that the model lets write here. */
function applyWriterOf(
  row: StoredRow,
  rows: readonly StoredRow[],
  model: LedgerModel,
  units: ReadonlyMap<string, ModelUnit>,
  attempts: readonly Attempt[],
): void {
  const named = units.get(row.reason)
  const candidates =
    row.reason === EQUAL
      ? attempts.map(({ unit }) => unit).filter((unit) => unit.items.some(({ reason }) => reason === EQUAL))
      : named === undefined
        ? []
        : [named]
  for (const unit of candidates) {
    const decided = model.decide(unit)
    if (decided.kind !== 'done' || !wroteThese(unit, decided.items, rows)) continue
    if (!decided.items.some((item) => item.kind === 'written' && item.index === row.position)) continue
    model.apply(unit)
    return
  }
  assert.fail(`nobody who may wrote the row at log index ${row.log_index}: ${row.reason}`)
}

/** Whether the rows at their places are those that this request would write: tells equal ones apart. */
function wroteThese(unit: ModelUnit, items: readonly ModelItem[], rows: readonly StoredRow[]): boolean {
  return items.every((item, at) => {
    if (item.kind !== 'written') return true
    const request = unit.items[at]
    const row = rows[item.index]
    return (
      row?.reason === request?.reason &&
      row?.customer_id === request?.customerId &&
      row?.reference_id === (request?.referenceId ?? null)
    )
  })
}

function requireRow(
  row: StoredRow | undefined,
  delta: LedgerModel['deltas'][number],
  model: LedgerModel,
): void {
  assert.ok(row !== undefined, `the row at ${delta.index} is missing: a request was written in part`)
  const adjusted = row.adjusts_record_id === null ? null : model.indexOf(row.adjusts_record_id)
  assert.deepEqual(
    { ...row, record_nonce: null, adjusts_record_id: adjusted },
    {
      position: delta.index,
      log_index: row.log_index,
      record_nonce: null,
      customer_id: delta.request.customerId,
      seq: delta.sequence,
      amount: decimalOf(delta.amount),
      balance: decimalOf(delta.balance),
      reason: delta.request.reason,
      reference_id: delta.request.referenceId ?? null,
      adjusts_record_id: delta.adjusts,
    },
  )
}

/** A request that is answered again is answered the same. */
function requireSameAnswers(attempts: readonly Attempt[]): void {
  const first = new Map<string, string>()
  for (const { unit, told } of attempts) {
    if (unit.key === undefined || typeof told !== 'object' || told.kind !== 'done') continue
    // A key is kept only if something was written.
    if (told.items.every((item) => item.kind === 'refused')) continue
    const key = JSON.stringify(unit)
    const answer = JSON.stringify(told.items.map(fieldsOf), (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    )
    assert.equal(answer, first.get(key) ?? answer, `two answers to ${key}`)
    first.set(key, answer)
  }
}

function fieldsOf(item: ItemOutcome) {
  if (item.kind === 'refused') return item.refusal.code
  if (item.kind === 'void') return item.kind
  const { recordId, sequenceNumber, balance, itemsRoot, createdAt, previousProofHash } = item.delta
  return {
    recordId,
    sequenceNumber,
    balance,
    root: Buffer.from(itemsRoot).toString('hex'),
    createdAt,
    previousProofHash,
  }
}

/** Both kinds of outcome in one form. */
function outcomeOf(outcome: ModelOutcome | UnitOutcome, positionOf: PositionOf) {
  if (outcome.kind === 'refused') return 'code' in outcome ? outcome.code : outcome.refusal.code
  const items = outcome.items.map((item) => {
    if (item.kind === 'refused') return 'code' in item ? item.code : item.refusal.code
    if (item.kind === 'void') return item.kind
    return 'index' in item ? item.index : positionOf.get(item.delta.logIndex)
  })
  return { items, replayed: outcome.replayed }
}

function idOf(row: StoredRow): string {
  return recordIdOf(row.log_index, row.record_nonce)
}
