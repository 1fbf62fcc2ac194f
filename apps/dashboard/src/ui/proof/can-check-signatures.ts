import { verifyEd25519 } from '@pacspace/proofs/ed25519'
import { hashFromHex } from '@pacspace/proofs/hex'

/** RFC 8032 §7.1, TEST 1: the signature of the empty message. */
const PUBLIC_KEY = '0xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
const SIGNATURE = [
  '0xe5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155',
  '0x5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
] as const

/**
 * True where this browser can check Ed25519 signatures. Old ones cannot, nor can a page that came over plain HTTP: a right
 * signature would look wrong there, so nothing may be judged.
 */
export async function canCheckSignatures(): Promise<boolean> {
  const signature = Uint8Array.from(SIGNATURE.flatMap((half) => [...hashFromHex(half)]))
  try {
    return await verifyEd25519(hashFromHex(PUBLIC_KEY), new Uint8Array(0), signature)
  } catch {
    // No WebCrypto at all.
    return false
  }
}
