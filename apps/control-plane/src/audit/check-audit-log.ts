import { append, type CompactRange, EMPTY_RANGE, rangeRoot } from '@pacspace/proofs/compact-range'
import { parseLogCheckpoint } from '@pacspace/proofs/log-checkpoint'
import { verifyNote } from '@pacspace/proofs/signed-note'
import { parseVerifierKey } from '@pacspace/proofs/verifier-key'
import type { Db } from '@pacspace/service/postgres'
import { countStrayEntries, listHeads, listPlacedEntries, type SignedHead } from './audit-log.sql.ts'
import { leafOf } from './audit-record.ts'

/** Rows that one look takes. */
const ROWS_MAX = 1_000

export interface AuditLogCheck {
  /** Entries in the log. */
  readonly size: number
  /** What does not hold, one sentence each; none = sound. */
  readonly findings: readonly string[]
}

/**
 * Derives the whole activity log again from its entries and holds it against every leaf and every signed head.
 * `key`: the C2SP verifier key that heads must be signed with. Reads all rows, a thousand at a time.
 */
export async function checkAuditLog(db: Db, key: string): Promise<AuditLogCheck> {
  const findings: string[] = []
  const trusted = parseVerifierKey(key)
  let range: CompactRange = EMPTY_RANGE
  let heads = await listHeads(db, 0, ROWS_MAX)
  for (;;) {
    const rows = await listPlacedEntries(db, range.size, ROWS_MAX)
    for (const row of rows) {
      if (row.logIndex !== range.size)
        return { size: range.size, findings: [...findings, `leaf ${range.size} is missing`] }
      const leaf = leafOf(row)
      if (!Buffer.from(leaf).equals(row.leaf))
        findings.push(`entry ${row.id} is not what leaf ${row.logIndex} commits to`)
      range = append(range, leaf).range
      const [head] = heads
      if (head?.size !== range.size) continue
      findings.push(...(await checkHead(head, range, trusted)))
      heads = heads.length > 1 ? heads.slice(1) : await listHeads(db, head.size, ROWS_MAX)
    }
    if (rows.length < ROWS_MAX) break
  }
  if (heads.length > 0) findings.push(`head ${heads[0]?.size} has no tree of its size`)
  const strays = await countStrayEntries(db)
  if (strays > 0) findings.push(`${strays} entries are kept out of the log`)
  return { size: range.size, findings }
}

async function checkHead(
  head: SignedHead,
  range: CompactRange,
  trusted: ReturnType<typeof parseVerifierKey>,
): Promise<string[]> {
  const isRoot = Buffer.from(rangeRoot(range)).equals(head.root)
  if (!isRoot) return [`head ${head.size} has another root than its entries`]
  const signed = await verifyNote(head.note, [trusted]).catch(() => undefined)
  if (signed === undefined) return [`head ${head.size} is not signed by ${trusted.name}`]
  const { size, root } = parseLogCheckpoint(signed.body)
  const isSame = size === head.size && Buffer.from(root).equals(head.root)
  return isSame ? [] : [`head ${head.size} signs something else`]
}
