import type { ProblemCode } from '@pacspace/api/problem'
import type { Timestamp } from '@pacspace/api/timestamp'
import { equalBytes } from '@pacspace/proofs/bytes'
import type { Db } from '@pacspace/service/postgres'
import {
  type CommitContext,
  type Decision,
  type GroupWrite,
  groupTurns,
  ID_NONCE_BYTES,
  insertBatchRequests,
  keyOf,
  type LockedLog,
  newMark,
  type StoredFact,
  selectBatchesByKey,
  selectUsedKeys,
  type UnitKind,
} from '../ledger/front-door.ts'
import { type FactOutcome, type FactUnit, factRequestHash, type KeptFact } from './fact-unit.ts'
import { insertFacts, selectFactsByHash, selectFactsByIndex } from './facts.sql.ts'

/** Facts that one commit takes at most: each may hold 64 KiB. */
const GROUP_FACTS_MAX = 100

/** How facts are appended to a tenant's log. */
export function factKind(context: CommitContext): UnitKind<FactUnit, FactOutcome> {
  return {
    rowsOf: () => 1,
    groupRowsMax: GROUP_FACTS_MAX,
    open: groupTurns(context, (tenantNo) => ({
      read: (db, units) => readKnown(db, tenantNo, units),
      decide: async (_connection, log, createdAt, parts) => decide(context, tenantNo, log, createdAt, parts),
    })),
  }
}

function decide(
  context: CommitContext,
  tenantNo: number,
  log: LockedLog,
  createdAt: Timestamp,
  parts: readonly { readonly units: readonly FactUnit[]; readonly facts: Known }[],
): Decision<FactOutcome> {
  const known: Known = {
    byHash: new Map(parts.flatMap((part) => [...part.facts.byHash])),
    byKey: new Map(parts.flatMap((part) => [...part.facts.byKey])),
  }
  const planner = new FactPlanner(log, createdAt, known)
  const outcomes = parts.flatMap((part) => part.units.map((unit) => planner.plan(unit)))
  return { outcomes, write: writeOf(context, tenantNo, log, createdAt, planner.written) }
}

interface Known {
  readonly byHash: Map<string, KeptFact>
  /** What was written under a key: a fact, bound to its request; null where the key is another route's. */
  readonly byKey: Map<string, { readonly requestHash: Uint8Array; readonly fact: KeptFact } | null>
}

async function readKnown(db: Db, tenantNo: number, units: readonly FactUnit[]): Promise<Known> {
  const keyDigests = units.flatMap(({ keyDigest }) => (keyDigest === null ? [] : [keyDigest]))
  const hashes = units.map((unit) => unit.contentHash)
  const [facts, usedKeys] = await Promise.all([
    selectFactsByHash(db, tenantNo, hashes),
    keyDigests.length === 0 ? [] : selectUsedKeys(db, tenantNo, keyDigests),
  ])
  const byKey: Known['byKey'] = new Map(usedKeys.map((used) => [keyOf(used.key_digest), null]))
  const kept = usedKeys.flatMap((used) => (used.is_kept ? [used.key_digest] : []))
  const requests = kept.length === 0 ? [] : await selectBatchesByKey(db, tenantNo, kept)
  const indexes = requests.flatMap(({ kind, first_index }) =>
    kind === 'fact' && first_index !== null ? [first_index] : [],
  )
  const earlier = await factsAt(db, tenantNo, indexes)
  for (const { kind, first_index, key_digest, request_hash } of requests) {
    const fact = kind === 'fact' && first_index !== null ? earlier.get(first_index) : undefined
    byKey.set(keyOf(key_digest), fact === undefined ? null : { requestHash: request_hash, fact })
  }
  return { byHash: new Map(facts.map((row) => [keyOf(row.content_hash), keptFact(row)])), byKey }
}

async function factsAt(
  db: Db,
  tenantNo: number,
  logIndexes: readonly number[],
): Promise<Map<number, KeptFact>> {
  const rows = logIndexes.length === 0 ? [] : await selectFactsByIndex(db, tenantNo, logIndexes)
  return new Map(rows.map((row) => [row.log_index, keptFact(row)]))
}

function keptFact(row: StoredFact): KeptFact {
  return { logIndex: row.log_index, contentHash: row.content_hash, createdAt: row.created_at }
}

/**
 * Decides, in order, what each unit writes: key → replay or conflict; plan; the same content → the same fact; allowance.
 * Works on what was read under the lock, and adds to it what this same group writes.
 */
class FactPlanner {
  readonly written: { readonly unit: FactUnit; readonly fact: KeptFact }[] = []
  readonly #log: LockedLog
  readonly #createdAt: Timestamp
  readonly #known: Known

  constructor(log: LockedLog, createdAt: Timestamp, known: Known) {
    this.#log = log
    this.#createdAt = createdAt
    this.#known = known
  }

  plan(unit: FactUnit): FactOutcome {
    const seen = unit.keyDigest === null ? undefined : this.#known.byKey.get(keyOf(unit.keyDigest))
    if (seen === null) return refused('IDEMPOTENCY_CONFLICT')
    if (seen !== undefined) {
      const isSame = equalBytes(seen.requestHash, factRequestHash(unit))
      return isSame ? { kind: 'done', fact: seen.fact, isReplay: true } : refused('IDEMPOTENCY_CONFLICT')
    }
    if (!this.#log.writes_allowed) return refused('PLAN_UPGRADE_REQUIRED')
    const same = this.#known.byHash.get(keyOf(unit.contentHash))
    if (same !== undefined) return { kind: 'done', fact: same, isReplay: true }
    const { lifetime_cap: cap, delta_count: count } = this.#log
    if (cap !== null && count + this.written.length >= cap) return refused('INSUFFICIENT_CREDITS')
    return { kind: 'done', fact: this.#write(unit), isReplay: false }
  }

  #write(unit: FactUnit): KeptFact {
    const logIndex = this.#log.size + this.written.length
    const fact = { logIndex, contentHash: unit.contentHash, createdAt: this.#createdAt }
    this.written.push({ unit, fact })
    this.#known.byHash.set(keyOf(unit.contentHash), fact)
    if (unit.keyDigest !== null) {
      this.#known.byKey.set(keyOf(unit.keyDigest), { requestHash: factRequestHash(unit), fact })
    }
    return fact
  }
}

function refused(code: ProblemCode): FactOutcome {
  return { kind: 'refused', code }
}

function writeOf(
  context: CommitContext,
  tenantNo: number,
  log: LockedLog,
  createdAt: Timestamp,
  written: FactPlanner['written'],
): GroupWrite | null {
  const [first] = written
  if (first === undefined) return null
  const appendMark = newMark(context.randomBytes)
  const facts = written.map(({ unit }) => ({ ...unit, nonce: context.randomBytes(ID_NONCE_BYTES) }))
  const requests = written.flatMap(({ unit, fact }) => {
    if (unit.keyDigest === null) return []
    const { keyDigest } = unit
    const requestHash = factRequestHash(unit)
    return [
      {
        kind: 'fact' as const,
        firstIndex: fact.logIndex,
        rowCount: 1,
        keyDigest,
        requestHash,
        unwritten: [],
      },
    ]
  })
  return {
    rowCount: facts.length,
    issue: (db) => {
      const rows = insertFacts(db, tenantNo, { firstIndex: log.size, createdAt, facts, appendMark })
      return requests.length === 0 ? [rows] : [rows, insertBatchRequests(db, tenantNo, requests)]
    },
    isThere: async (db) => {
      const [row] = await selectFactsByIndex(db, tenantNo, [first.fact.logIndex])
      return row !== undefined && equalBytes(row.nonce, facts[0]?.nonce ?? new Uint8Array())
    },
    remember: () => context.memory.store(tenantNo, log.append_mark, appendMark, new Map()),
  }
}
