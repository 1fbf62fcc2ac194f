import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto'
import type { RandomBytes } from '@pacspace/api/id'
import { formatLogCheckpoint, type LogCheckpoint } from '@pacspace/proofs/log-checkpoint'
import { assembleNote, noteMessage, noteSignature } from '@pacspace/proofs/signed-note'
import { verifierKey } from '@pacspace/proofs/verifier-key'

const NONCE_BYTES = 12
const TAG_BYTES = 16
export const MASTER_KEY_BYTES = 32

/** A log's key pair, its private half sealed for the database. */
export interface SealedLogKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** nonce ‖ AES-256-GCM ciphertext ‖ tag, bound to the origin. */
  readonly sealedKey: Uint8Array
}

/** A fresh Ed25519 key for a log. Whoever has the database alone cannot sign with it: the master key is needed too. */
export function newLogKey(origin: string, masterKey: Uint8Array, randomBytes: RandomBytes): SealedLogKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', masterKey, nonce)
  cipher.setAAD(Buffer.from(origin))
  const secret = privateKey.export({ format: 'der', type: 'pkcs8' })
  return {
    publicKey: rawPublicKey(publicKey),
    sealedKey: Buffer.concat([nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()]),
  }
}

/**
 * Opens a sealed key. Throws when it was sealed under another master key or for another origin, or was changed, and when
 * it is not the private half of `publicKey`.
 */
export function openLogKey(origin: string, sealed: SealedLogKey, masterKey: Uint8Array): KeyObject {
  const bytes = Buffer.from(sealed.sealedKey)
  const decipher = createDecipheriv('aes-256-gcm', masterKey, bytes.subarray(0, NONCE_BYTES))
  decipher.setAAD(Buffer.from(origin))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  const secret = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()])
  const key = createPrivateKey({ key: secret, format: 'der', type: 'pkcs8' })
  if (!rawPublicKey(createPublicKey(key)).equals(sealed.publicKey)) {
    throw new Error(`the sealed key of ${origin} does not belong to its public key`)
  }
  return key
}

/** The signed note of a log's head (C2SP tlog-checkpoint). Ed25519 is deterministic: the same head, the same note. */
export function signHead(head: LogCheckpoint, publicKey: Uint8Array, key: KeyObject): string {
  const body = formatLogCheckpoint(head)
  const signature = sign(null, noteMessage(body), key)
  return assembleNote(body, [noteSignature(verifierKey(head.origin, publicKey), signature)])
}

/** SubjectPublicKeyInfo of an Ed25519 key ends in its 32 raw bytes (RFC 8410 §4). */
function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(-32)
}
