import { equalBytes } from '@pacspace/proofs/bytes'
import { verifyLogCheckpoint } from '@pacspace/proofs/log-proof'
import { formatVerifierKey, verifierKey } from '@pacspace/proofs/verifier-key'
import type { Db } from '@pacspace/service/postgres'
import type { FileAnchor } from '../anchors/front-door.ts'
import type { Find } from './finding.ts'
import { type CheckedLog, type CheckedNote, selectAnchorings } from './fsck.sql.ts'
import type { RebuiltLog } from './rebuilt-log.ts'

type AnchoredHead = NonNullable<Awaited<ReturnType<FileAnchor['peek']>>>

/** The anchor on both sides of the snapshot that everything else is read in, so that a plane may run on meanwhile. */
export interface AnchorsSeen {
  /** Its newest heads, by log id, before the snapshot: the snapshot holds each of them. */
  readonly before: ReadonlyMap<string, AnchoredHead>
  /** Read now, after the snapshot: what the snapshot calls verified is there. */
  readonly now: Pick<FileAnchor, 'peek'>
}

/** Every signed head is signed by the log, over the root that the rows lead to; and no head claims a size without one. */
export async function checkNotes(
  log: CheckedLog,
  notes: readonly CheckedNote[],
  rebuilt: RebuiltLog,
  find: Find,
): Promise<void> {
  const logKeys = [formatVerifierKey(verifierKey(log.origin, log.public_key))]
  for (const note of notes) {
    const row = `size ${note.size}`
    const root = rebuilt.rootAt.get(note.size)
    if (root === undefined || !equalBytes(root, note.root))
      find('log_note', row, 'root is not that of the rows')
    try {
      const { checkpoint } = await verifyLogCheckpoint(note.note, { logKeys })
      const isSame = checkpoint.size === note.size && equalBytes(checkpoint.root, note.root)
      if (!isSame || checkpoint.origin !== log.origin) find('log_note', row, 'the note says something else')
    } catch (error) {
      find('log_note', row, `the note is not signed by the log: ${String(error)}`)
    }
  }
  const sizes = new Set(notes.map((note) => note.size))
  for (const size of [log.tree_size, log.verified_size]) {
    if (!sizes.has(size)) find('log_note', `size ${size}`, 'no signed head of a size that a head claims')
  }
}

/** What is said to have reached an anchor was signed, is verified, and reached the file before any other anchor. */
export async function checkAnchorings(
  db: Db,
  log: CheckedLog,
  notes: readonly CheckedNote[],
  find: Find,
): Promise<void> {
  const anchorings = await selectAnchorings(db, log.tenant_id)
  const signed = new Set(notes.map((note) => note.size))
  const inFile = new Set(anchorings.filter(({ level }) => level === 'file').map(({ size }) => size))
  for (const { size, level } of anchorings) {
    const row = `size ${size}, level ${level}`
    if (!signed.has(size)) find('log_anchor', row, 'no head of this size was signed')
    if (!inFile.has(size)) find('log_anchor', row, 'it never reached the file anchor')
    if (size > log.verified_size) find('log_anchor', row, 'anchored, but not verified')
  }
  if (!inFile.has(log.verified_size))
    find('log_anchor', `size ${log.verified_size}`, 'verified, but not anchored')
}

/** The anchor itself knows no other head than the database. */
export async function checkAnchor(
  anchors: AnchorsSeen,
  log: CheckedLog,
  notes: readonly CheckedNote[],
  find: Find,
): Promise<void> {
  const before = anchors.before.get(log.log_id)
  const note = notes.find((one) => one.size === before?.size)
  if (before !== undefined && (note === undefined || !equalBytes(note.root, before.root))) {
    find('anchor', 'journal', `holds a head of size ${before.size} that the database does not have`)
  }
  const now = await anchors.now.peek(log.log_id)
  if (now === undefined) find('anchor', 'journal', 'holds nothing of this log')
  else if (now.size < log.verified_size)
    find('anchor', 'journal', `ends at size ${now.size}, but ${log.verified_size} is called verified`)
}
