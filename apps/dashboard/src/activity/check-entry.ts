import { utf8Bytes } from '@pacspace/proofs/bytes'
import { canonicalJson } from '@pacspace/proofs/jcs'
import { parseLogCheckpoint } from '@pacspace/proofs/log-checkpoint'
import { leafHash } from '@pacspace/proofs/merkle'
import { verifyInclusion } from '@pacspace/proofs/merkle-proof'
import { ProofError } from '@pacspace/proofs/proof-error'
import { verifyNote } from '@pacspace/proofs/signed-note'
import { parseTlogProof } from '@pacspace/proofs/tlog-proof'
import { parseVerifierKey } from '@pacspace/proofs/verifier-key'
import type { ActivityEntry } from './activity-queries.ts'

/** What this browser found out about an entry. `refusal`: where it does not fit; undefined = it is proven. */
export interface EntryCheck {
  /** Position in the log, from 0. */
  readonly index: number
  /** Entries that the signed head covers. */
  readonly size: number
  readonly origin: string
  readonly refusal?: string
}

/**
 * Checks that an entry, as it is shown, stands in the signed activity log: its record is built again from what is on screen
 * (docs/decisions/0045), so a changed word, name of a field or time leads to another leaf. `file`: C2SP tlog-proof, nothing
 * of which is trusted. Throws `ProofError` for a file that cannot be read or is signed by another key.
 */
export async function checkEntry(
  entry: ActivityEntry,
  tenantId: string,
  proof: { readonly file: string; readonly verifierKey: string },
): Promise<EntryCheck> {
  const { index, path, note } = parseTlogProof(proof.file)
  const { body } = await verifyNote(note, [parseVerifierKey(proof.verifierKey)])
  const { origin, size, root } = parseLogCheckpoint(body)
  const leaf = leafHash(utf8Bytes(recordOf(entry, tenantId)))
  const found = { index, size, origin }
  if (entry.logIndex !== null && entry.logIndex !== index) {
    return { ...found, refusal: `The proof is for position ${index}, the entry says ${entry.logIndex}.` }
  }
  if (verifyInclusion(leaf, index, size, path, root)) return found
  return { ...found, refusal: 'What is shown here is not what the signed log holds.' }
}

/** What went wrong, where a proof could not be checked at all. */
export function checkFailure(error: unknown): string {
  return error instanceof ProofError
    ? `The proof was refused: ${error.message}.`
    : 'This browser could not check the proof. It needs https, or this machine’s own address.'
}

/** The text that the log commits to; the server writes the same (audit-record.ts). */
function recordOf(entry: ActivityEntry, tenantId: string): string {
  const { id, action, actor, target, environment, details, address, requestId, createdAt } = entry
  return canonicalJson({
    v: 1,
    id,
    tenantId,
    actorKind: actor.kind,
    actorId: actor.id,
    action,
    target,
    environment,
    details,
    address,
    requestId,
    createdAt,
  })
}
