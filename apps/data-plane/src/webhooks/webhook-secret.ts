import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { RandomBytes } from '@pacspace/api/id'

const SECRET_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Bytes of the key that seals webhook secrets. */
export const WEBHOOK_KEY_BYTES = 32
/** The secret before a rotation goes on signing for this long. */
export const OLD_SECRET_MS = 24 * 60 * 60 * 1_000

/** A fresh secret: `whsec_` and 32 random bytes, base64. */
export function newWebhookSecret(randomBytes: RandomBytes): string {
  return `whsec_${Buffer.from(randomBytes(SECRET_BYTES)).toString('base64')}`
}

/** nonce ‖ AES-256-GCM ciphertext ‖ tag, bound to the endpoint: it opens for no other. */
export function sealSecret(
  secret: string,
  endpointId: string,
  { webhookKey, randomBytes }: { readonly webhookKey: Uint8Array; readonly randomBytes: RandomBytes },
): Buffer {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', webhookKey, nonce)
  cipher.setAAD(Buffer.from(endpointId))
  return Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

/** The secret. Throws when it was sealed under another key or for another endpoint, or was changed. */
export function openSecret(sealed: Uint8Array, endpointId: string, webhookKey: Uint8Array): string {
  const bytes = Buffer.from(sealed)
  const decipher = createDecipheriv('aes-256-gcm', webhookKey, bytes.subarray(0, NONCE_BYTES))
  decipher.setAAD(Buffer.from(endpointId))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  return Buffer.concat([
    decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)),
    decipher.final(),
  ]).toString()
}
