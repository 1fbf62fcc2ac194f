import { amountOfNumeric, subtractAmounts, ZERO } from '@pacspace/api/amount'
import type { RecordId } from '@pacspace/api/id'
import { sha256Text } from '@pacspace/proofs/sha256'
import type { Db } from '@pacspace/service/postgres'
import {
  type BatchRequestRow,
  type KeptKind,
  selectBatchesByKey,
  selectDeltasByIndex,
  selectDeltasByReference,
  selectDeltasFrom,
  selectKeyOwners,
  selectUsedKeys,
  type UsedKey,
} from './append.sql.ts'
import { type AppendUnit, isRefused, type RefusedItem, type VoidItem } from './append-unit.ts'
import { type CustomerEnd, readCustomerEnds } from './customer-end.ts'
import { type Delta, type DeltaRequest, deltaOfRow } from './delta.ts'
import { selectVoidsFrom } from './other-entry.sql.ts'
import type { StoredVoid } from './other-entry.ts'
import { parseRecordId } from './record-id.ts'

/** A request, no emit, that was written under an Idempotency-Key. */
export interface StoredBatch {
  readonly kind: KeptKind
  readonly firstIndex: number | null
  readonly requestHash: Uint8Array
  /** In order. None of a fact or a checkpoint. */
  readonly written: readonly (Delta | VoidItem)[]
  readonly unwritten: readonly (RefusedItem & { readonly index: number })[]
}

/** All that the database knows and a group needs to be decided. Valid only under the log's lock. */
export interface GroupFacts {
  readonly ends: ReadonlyMap<string, CustomerEnd>
  /** Whose ends were read; those of them without an end are new. */
  readonly askedCustomers: ReadonlySet<string>
  readonly deltaByKey: ReadonlyMap<string, Delta>
  readonly batchByKey: ReadonlyMap<string, StoredBatch>
  readonly deltasByReference: ReadonlyMap<string, readonly Delta[]>
  readonly deltaByRecordId: ReadonlyMap<string, Delta>
  /** Whose the keys of writes are. */
  readonly keyOwners: ReadonlyMap<string, string>
}

/** Map key of a key digest. */
export function keyOf(keyDigest: Uint8Array): string {
  return Buffer.from(keyDigest.buffer, keyDigest.byteOffset, keyDigest.byteLength).toString('latin1')
}

/** Map key of a reference. Neither part can hold a NUL. */
export function referenceKey(customerId: string, referenceId: string): string {
  return `${customerId}\0${referenceId}`
}

/** The first 64 bits of SHA-256 of a reference, signed, as the index holds them. */
export function referenceHash(referenceId: string): bigint {
  const digest = sha256Text(referenceId)
  return new DataView(digest.buffer, digest.byteOffset).getBigInt64(0)
}

/**
 * Reads what units need, each kind only where some unit asks for it. `remembered`: customers whose ends are not read. The
 * statements are issued at once, so on a pipelined connection they share a round trip.
 */
export async function readGroupFacts(
  db: Db,
  tenantNo: number,
  units: readonly AppendUnit[],
  remembered: ReadonlyMap<string, CustomerEnd>,
): Promise<GroupFacts> {
  const wanted = wantedBy(units, remembered)
  const [ends, usedKeys, byReference, byIndex, keyOwners] = await Promise.all([
    wanted.customerIds.length === 0 ? undefined : readCustomerEnds(db, tenantNo, wanted.customerIds),
    wanted.keyDigests.length === 0 ? [] : selectUsedKeys(db, tenantNo, wanted.keyDigests),
    wanted.references.length === 0 ? [] : selectDeltasByReference(db, tenantNo, wanted.references),
    wanted.logIndexes.length === 0 ? [] : selectDeltasByIndex(db, tenantNo, wanted.logIndexes),
    wanted.writeKeys.length === 0 ? [] : selectKeyOwners(db, tenantNo, wanted.writeKeys),
  ])
  const { deltaByKey, batchByKey } = await readKeys(db, tenantNo, usedKeys)
  const deltasByReference = new Map<string, Delta[]>()
  for (const row of byReference) {
    const key = referenceKey(row.customer_id, row.reference_id ?? '')
    const delta = deltaOfRow(row)
    const same = deltasByReference.get(key)
    if (same === undefined) deltasByReference.set(key, [delta])
    else same.push(delta)
  }
  return {
    ends: ends ?? NO_ENDS,
    askedCustomers: new Set(wanted.customerIds),
    deltaByKey,
    batchByKey,
    deltasByReference,
    // The random part of the id must be right too: the map is keyed by the row's own recordId.
    deltaByRecordId: new Map(byIndex.map((row) => deltaOfRow(row)).map((delta) => [delta.recordId, delta])),
    keyOwners: new Map(keyOwners.map((row) => [row.key, row.customer_id])),
  }
}

const NO_ENDS: ReadonlyMap<string, CustomerEnd> = new Map()

/** What was read for the parts of a group, as one. All of it was read under the same lock. */
export function joinFacts(parts: readonly GroupFacts[]): GroupFacts {
  const [only, ...others] = parts
  if (only === undefined) throw new Error('a group without parts')
  if (others.length === 0) return only
  return {
    ends: joinMaps(parts.map((part) => part.ends)),
    askedCustomers: new Set(parts.flatMap((part) => [...part.askedCustomers])),
    deltaByKey: joinMaps(parts.map((part) => part.deltaByKey)),
    batchByKey: joinMaps(parts.map((part) => part.batchByKey)),
    deltasByReference: joinMaps(parts.map((part) => part.deltasByReference)),
    deltaByRecordId: joinMaps(parts.map((part) => part.deltaByRecordId)),
    keyOwners: joinMaps(parts.map((part) => part.keyOwners)),
  }
}

function joinMaps<Value>(maps: readonly ReadonlyMap<string, Value>[]): ReadonlyMap<string, Value> {
  return new Map(maps.flatMap((map) => [...map]))
}

/** What was written under keys that were used. */
async function readKeys(
  db: Db,
  tenantNo: number,
  usedKeys: readonly UsedKey[],
): Promise<Pick<GroupFacts, 'deltaByKey' | 'batchByKey'>> {
  const batchByKey = new Map<string, StoredBatch>()
  const kept = usedKeys.flatMap((used) => (used.is_kept ? [used.key_digest] : []))
  const batches = kept.length === 0 ? [] : await selectBatchesByKey(db, tenantNo, kept)
  for (const row of batches) batchByKey.set(keyOf(row.key_digest), await readBatch(db, tenantNo, row))
  const logIndexes = usedKeys.flatMap(({ log_index }) => (log_index === null ? [] : [log_index]))
  const rows = logIndexes.length === 0 ? [] : await selectDeltasByIndex(db, tenantNo, logIndexes)
  const deltaByKey = new Map<string, Delta>()
  for (const row of rows) if (row.key_digest !== null) deltaByKey.set(keyOf(row.key_digest), deltaOfRow(row))
  return { deltaByKey, batchByKey }
}

async function readBatch(db: Db, tenantNo: number, row: BatchRequestRow): Promise<StoredBatch> {
  const { kind, first_index: firstIndex } = row
  const hasDeltas = (kind === 'batch' || kind === 'writes') && firstIndex !== null
  const rows = hasDeltas ? await selectDeltasFrom(db, tenantNo, firstIndex, firstIndex + row.row_count) : []
  return {
    kind,
    firstIndex,
    requestHash: row.request_hash,
    written: await withVoids(db, tenantNo, row, rows.map(deltaOfRow), hasDeltas),
    unwritten: JSON.parse(row.unwritten),
  }
}

/** Voids are looked for only where rows are missing. */
async function withVoids(
  db: Db,
  tenantNo: number,
  { first_index: firstIndex, row_count: rowCount }: BatchRequestRow,
  deltas: readonly Delta[],
  hasDeltas: boolean,
): Promise<readonly (Delta | VoidItem)[]> {
  if (!hasDeltas || firstIndex === null || deltas.length === rowCount) return deltas
  const voids = await selectVoidsFrom(db, tenantNo, firstIndex, firstIndex + rowCount)
  const written: { readonly at: number; readonly item: Delta | VoidItem }[] = [
    ...deltas.map((delta) => ({ at: delta.logIndex, item: delta })),
    ...voids.map((row) => ({ at: row.log_index, item: voidItemOf(row) })),
  ]
  return written.sort((a, b) => a.at - b.at).map(({ item }) => item)
}

function voidItemOf({ record_id, customer_id, amount }: StoredVoid): VoidItem {
  return {
    voidOf: record_id as RecordId, // a void in the place of a delta names its recordId
    customerId: customer_id,
    amount: subtractAmounts(ZERO, amountOfNumeric(amount)),
  }
}

interface Wanted {
  readonly customerIds: string[]
  readonly keyDigests: Uint8Array[]
  readonly references: { customerId: string; referenceId: string; referenceHash: bigint }[]
  readonly logIndexes: number[]
  readonly writeKeys: { key: string; keyHash: bigint }[]
}

function wantedBy(units: readonly AppendUnit[], remembered: ReadonlyMap<string, CustomerEnd>): Wanted {
  const wanted: Wanted = { customerIds: [], keyDigests: [], references: [], logIndexes: [], writeKeys: [] }
  const customerIds = new Set<string>()
  const writeKeys = new Set<string>()
  const references = new Map<string, { customerId: string; referenceId: string }>()
  for (const unit of units) {
    if (unit.keyDigest !== null) wanted.keyDigests.push(unit.keyDigest)
    for (const item of unit.items) {
      if (isRefused(item)) continue
      if (!remembered.has(item.customerId)) customerIds.add(item.customerId)
      if (unit.kind === 'writes' && item.referenceId !== null) writeKeys.add(item.referenceId)
      for (const referenceId of referencesOf(unit, item)) {
        references.set(referenceKey(item.customerId, referenceId), {
          customerId: item.customerId,
          referenceId,
        })
      }
      const adjusted =
        item.adjusts !== null && 'recordId' in item.adjusts ? parseRecordId(item.adjusts.recordId) : undefined
      if (adjusted !== undefined) wanted.logIndexes.push(adjusted.logIndex)
    }
  }
  wanted.customerIds.push(...customerIds)
  for (const key of writeKeys) wanted.writeKeys.push({ key, keyHash: referenceHash(key) })
  for (const one of references.values())
    wanted.references.push({ ...one, referenceHash: referenceHash(one.referenceId) })
  return wanted
}

function referencesOf(unit: AppendUnit, item: DeltaRequest): string[] {
  const references: string[] = []
  // Writes may repeat: a key correlates nothing.
  if (unit.kind !== 'writes' && unit.keyDigest === null && item.referenceId !== null)
    references.push(item.referenceId)
  if (item.adjusts !== null && 'referenceId' in item.adjusts) references.push(item.adjusts.referenceId)
  return references
}
