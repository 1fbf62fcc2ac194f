import { equalBytes } from '@pacspace/proofs/bytes'
import { toHex } from '@pacspace/proofs/hex'
import { logLeaf } from '@pacspace/proofs/log-entry'
import { sha256Text } from '@pacspace/proofs/sha256'
import { entryOf, type OtherEntry, type StoredFact } from '../ledger/front-door.ts'
import type { JudgedEntry } from './recompute.ts'

/**
 * Looks at the entries of a stretch of the log that are no deltas: derives each again from its content, for `recompute` to
 * put in its place. A wrong one is told by its texts, and nothing from it on is signed.
 */
export function judgeEntries(others: ReadonlyMap<number, OtherEntry>): Map<number, JudgedEntry> {
  const judged = new Map<number, JudgedEntry>()
  for (const [logIndex, other] of others) judged.set(logIndex, judgeEntry(other))
  return judged
}

function judgeEntry(other: OtherEntry): JudgedEntry {
  const leaf = logLeaf(entryOf(other))
  switch (other.kind) {
    case 'fact':
      return { leaf, createdAt: other.row.created_at, texts: factDifferences(other.row) }
    case 'void':
      return { leaf, createdAt: other.row.created_at, texts: [] }
    case 'checkpoint':
      return { leaf, createdAt: other.row.created_at, texts: ['checkpoints are not verified yet'] }
  }
}

function factDifferences(row: StoredFact): string[] {
  const hash = sha256Text(row.content)
  if (equalBytes(hash, row.content_hash)) return []
  return [`content_hash: stored ${toHex(row.content_hash)}, expected ${toHex(hash)}`]
}
