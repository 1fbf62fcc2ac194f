/** Ed25519 (RFC 8032) verification, by WebCrypto: the same call in Node, browsers and Workers. */

/**
 * Checks one signature. `publicKey`: 32 bytes; `signature`: 64 bytes. Must answer false for a bad one and not throw.
 * Hosts may pass a synchronous one of their own (node:crypto); every verifier here takes it as an argument.
 */
export type VerifyEd25519 = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>

/** `VerifyEd25519` by WebCrypto. A key that is no point on the curve verifies nothing. */
export async function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  // WebCrypto takes no views on shared memory; a copy is always on memory of its own.
  const key = await importKey(Uint8Array.from(publicKey))
  if (key === undefined) return false
  return crypto.subtle.verify('Ed25519', key, Uint8Array.from(signature), Uint8Array.from(message))
}

async function importKey(publicKey: Uint8Array<ArrayBuffer>) {
  try {
    return await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify'])
  } catch {
    // Only the key can be wrong here, and a wrong key is an answer (false), not an accident.
    return undefined
  }
}
