import { ProofError } from '@pacspace/proofs/proof-error'
import { type ProofFileVerdict, verifyProofFile } from '@pacspace/proofs/verify-proof-file'
import { PacSpaceError } from './error.ts'

/**
 * What a proof file proves, or at which step it was refused. `kind` says of what it is: a delta (`record`), a checkpoint
 * (`checkpoint`) or a fact (`fact`); amounts in it are exact decimal strings.
 */
export type ProofVerdict = ProofFileVerdict

/**
 * Verifies an offline proof with nothing but the public key of the log: of a delta its content, its position in its
 * customer's ledger and the balance after it; of a checkpoint the figures of the locked period; of a fact the hash of its
 * content and its time. Sends nothing, asks nobody.
 *
 * `text`: a C2SP tlog-proof file (`proof.tlogProof` of a verified delta). `publicKey`: the log's verifier key, as
 * `/log/:id/key` serves it, or several where the log has changed its key. Take it from a source you trust, not from
 * where the proof came from. A bad proof is an answer (`verified: false`), not an error; a bad key raises
 * `INVALID_OPTION`.
 */
export async function verifyProof(
  text: string,
  publicKey: string | readonly string[],
): Promise<ProofVerdict> {
  const keys = typeof publicKey === 'string' ? [publicKey] : publicKey
  try {
    return await verifyProofFile(text, { logKeys: keys.map((key) => key.trim()) })
  } catch (error) {
    if (!(error instanceof ProofError)) throw error
    throw new PacSpaceError('INVALID_OPTION', `publicKey: ${error.message}`, { cause: error })
  }
}
