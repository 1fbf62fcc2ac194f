import { Problem } from '@pacspace/api/problem'
import { hashFromHex, toHex } from '@pacspace/proofs/hex'
import type { Db } from '@pacspace/service/postgres'
import {
  type LogState,
  type StoredFact,
  selectCoveringNotes,
  selectLogState,
  statusOf,
} from '../ledger/front-door.ts'
import { selectFactsByHash } from './facts.sql.ts'

/** `sha256_` and hex, as the wire names a fact. */
export function wireHashOf(contentHash: Uint8Array): `sha256_${string}` {
  return `sha256_${toHex(contentHash).slice(2)}`
}

export interface FoundFact {
  readonly log: LogState
  readonly row: StoredFact
  readonly isVerified: boolean
}

/** The fact of that name with the state of its log, both from the snapshot of `tx`. Raises NOT_FOUND. */
export async function findFact(tx: Db, tenantNo: number, contentHash: string): Promise<FoundFact> {
  if (!/^sha256_[0-9a-f]{64}$/.test(contentHash)) throw new Problem('NOT_FOUND')
  const hash = hashFromHex(`0x${contentHash.slice('sha256_'.length)}`)
  const [log, rows] = await Promise.all([
    selectLogState(tx, tenantNo),
    selectFactsByHash(tx, tenantNo, [hash]),
  ])
  const [row] = rows
  if (log === undefined || row === undefined) throw new Problem('NOT_FOUND')
  return { log, row, isVerified: statusOf(row.log_index, log) === 'VERIFIED' }
}

/** The first signed head that covers a verified entry at the file anchor, and when it reached each anchor. */
export async function coverageOf(tx: Db, tenantNo: number, logIndex: number) {
  const notes = await selectCoveringNotes(tx, tenantNo, logIndex)
  // VERIFIED means anchored in the file (design.md §4.4); the other levels come in their own time.
  const first = notes.find((note) => note.level === 'file')
  if (first === undefined)
    throw new Error(`verified entry ${logIndex} of tenant ${tenantNo} is covered by no head`)
  return {
    verifiedAt: first.anchored_at,
    logCheckpoint: { size: first.size, root: toHex(first.root) },
    anchors: notes.map((note) => ({ level: note.level, time: note.anchored_at })),
  }
}
