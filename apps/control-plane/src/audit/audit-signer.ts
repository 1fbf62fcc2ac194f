import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { formatLogCheckpoint } from '@pacspace/proofs/log-checkpoint'
import { assembleNote, noteMessage, noteSignature } from '@pacspace/proofs/signed-note'
import { formatVerifierKey, verifierKey } from '@pacspace/proofs/verifier-key'

/** Bytes of the secret that the key is made from (RFC 8032 §5.1.5). */
export const AUDIT_KEY_BYTES = 32

/** What comes before the 32 bytes in PKCS #8 (RFC 8410 §7). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Signs the heads of the activity log with its own key, which signs nothing else. */
export interface AuditSigner {
  /** Name of the log and of its key. */
  readonly origin: string
  /** C2SP verifier key. */
  readonly verifierKey: string
  /** The signed note of a head. Ed25519 is deterministic: the same head, the same note. `root`: 32 bytes. */
  sign(head: { readonly size: number; readonly root: Uint8Array }): string
}

/** The signer of this deployment. `secret`: 32 bytes. Origin: `<host of the public URL>/activity`. */
export function createAuditSigner(secret: Uint8Array, publicUrl: string): AuditSigner {
  const origin = `${new URL(publicUrl).host}/activity`
  const privateKey = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, secret]),
    format: 'der',
    type: 'pkcs8',
  })
  // SubjectPublicKeyInfo of an Ed25519 key ends in its 32 raw bytes (RFC 8410 §4).
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32)
  const key = verifierKey(origin, publicKey)
  return {
    origin,
    verifierKey: formatVerifierKey(key),
    sign(head) {
      const body = formatLogCheckpoint({ origin, ...head })
      return assembleNote(body, [noteSignature(key, sign(null, noteMessage(body), privateKey))])
    },
  }
}
