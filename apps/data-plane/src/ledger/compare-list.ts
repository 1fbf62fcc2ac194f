import { amountOfNumeric } from '@pacspace/api/amount'
import { NAMED_DISCREPANCIES_MAX } from '@pacspace/api/definition/compare'
import { validationProblem } from '@pacspace/api/problem'
import type { Db } from '@pacspace/service/postgres'
import { type ComparedRow, selectFirstOf, selectRecorded, selectReferenced } from './compare.sql.ts'
import { referenceHash } from './group-facts.ts'
import { type Difference, type LedgerDelta, matchDeltas, type StatedDelta } from './match-deltas.ts'
import { parseRecordId, recordIdOf } from './record-id.ts'
import { lengthOf, type Stretch } from './stretch.ts'

/** Deltas that the references of one list may name in scope: a reference may be used any number of times. */
const REFERENCED_DELTAS_MAX = 100_000
/** Rows of the ledger read at once in search of what a list lacks. */
const ROWS_AT_ONCE = 2_000

/** The part of a customer's ledger that a list is held against. */
export interface ComparedLedger {
  readonly tenantNo: number
  readonly customerNo: number
  readonly stretch: Stretch
}

export interface ComparedList {
  /** The first `NAMED_DISCREPANCIES_MAX`: those with a place in the ledger in its order, then the others as they were listed. */
  readonly differences: readonly Difference[]
  readonly count: number
  /** First sequence number at which the list parts from the ledger; null where it does not. */
  readonly divergence: number | null
}

/**
 * Holds one side's list against the ledger. Only what the list names is looked up, by index; of the rest no more is read
 * than is named in the answer, so the cost follows the list and not the ledger. `field`: where the list stands in the
 * request. Raises VALIDATION_ERROR for references that are used so often that the scope must be narrower.
 */
export async function compareList(
  tx: Db,
  ledger: ComparedLedger,
  list: readonly StatedDelta[],
  field: string,
): Promise<ComparedList> {
  const candidates = await candidatesOf(tx, ledger, list, field)
  const { claimed, differences } = matchDeltas(list, candidates)
  const missingCount = lengthOf(ledger.stretch) - claimed.size
  const missing = await readMissing(tx, ledger, claimed, Math.min(missingCount, NAMED_DISCREPANCIES_MAX))
  const all = [...missing, ...differences].sort((a, b) => placeOf(a) - placeOf(b))
  return {
    differences: all.slice(0, NAMED_DISCREPANCIES_MAX),
    count: differences.length + missingCount,
    divergence: firstParting(all, ledger.stretch),
  }
}

/** Everything of the ledger that the list names, in order. */
async function candidatesOf(
  tx: Db,
  { tenantNo, customerNo, stretch }: ComparedLedger,
  list: readonly StatedDelta[],
  field: string,
): Promise<LedgerDelta[]> {
  const referenceIds = new Set(
    list.flatMap(({ referenceId }) => (referenceId === undefined ? [] : [referenceId])),
  )
  const wanted = [...referenceIds].map((referenceId) => ({
    referenceId,
    referenceHash: referenceHash(referenceId),
  }))
  const indexes = new Set(
    list.flatMap(({ recordId }) => (recordId === undefined ? [] : [parseRecordId(recordId)?.logIndex ?? -1])),
  )
  const [referenced, recorded] = await Promise.all([
    selectReferenced(tx, tenantNo, customerNo, stretch, wanted, REFERENCED_DELTAS_MAX + 1),
    selectRecorded(tx, tenantNo, customerNo, stretch, [...indexes]),
  ])
  if (referenced.length > REFERENCED_DELTAS_MAX) {
    const text = `names references of more than ${REFERENCED_DELTAS_MAX} deltas in scope; narrow the scope or name recordIds`
    throw validationProblem(field, text)
  }
  // A delta may be named both ways.
  const rows = new Map([...referenced, ...recorded].map((row) => [row.seq, row]))
  return [...rows.values()].sort((a, b) => a.seq - b.seq).map(ledgerDelta)
}

/** The first `count` deltas of the stretch that nothing claimed. */
async function readMissing(
  tx: Db,
  { tenantNo, customerNo, stretch }: ComparedLedger,
  claimed: ReadonlySet<number>,
  count: number,
): Promise<Difference[]> {
  const missing: Difference[] = []
  let fromSeq = stretch.fromSeq
  while (missing.length < count) {
    const rest = { fromSeq, toSeq: stretch.toSeq }
    const rows = await selectFirstOf(tx, tenantNo, customerNo, rest, ROWS_AT_ONCE)
    const last = rows.at(-1)
    if (last === undefined) throw new Error(`customer ${customerNo} of tenant ${tenantNo} has gaps`)
    for (const row of rows) {
      if (!claimed.has(row.seq)) missing.push({ kind: 'missing', ledger: ledgerDelta(row), stated: null })
    }
    fromSeq = last.seq + 1
  }
  return missing.slice(0, count)
}

/** What the ledger does not have has no place in it: it comes last. */
function placeOf({ ledger }: Difference): number {
  return ledger?.sequenceNumber ?? Number.MAX_SAFE_INTEGER
}

/** What is listed beyond the ledger would have come after it. */
function firstParting(differences: readonly Difference[], { toSeq }: Stretch): number | null {
  if (differences.length === 0) return null
  return Math.min(
    ...differences.map(({ kind, ledger }) =>
      ledger === null || kind === 'duplicate' ? toSeq + 1 : ledger.sequenceNumber,
    ),
  )
}

function ledgerDelta(row: ComparedRow): LedgerDelta {
  return {
    sequenceNumber: row.seq,
    recordId: recordIdOf(row.log_index, row.record_nonce),
    referenceId: row.reference_id,
    amount: amountOfNumeric(row.amount),
    createdAt: row.created_at,
  }
}
