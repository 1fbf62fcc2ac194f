/** The public handle of a customer (product contract, "Words"). */
import { type Hex, toHex } from './hex.ts'
import { sha256Text } from './sha256.ts'

const DOMAIN = 'pacspace:customer:v1'
const HEX_DIGITS = 40

/**
 * customerReference = ledgerIdentifier: `0x` + the first 40 hex digits of
 * SHA-256(`pacspace:customer:v1` ‖ 0x00 ‖ tenantId ‖ 0x00 ‖ customerId). Neither id can hold a NUL, so no two pairs
 * share an input.
 */
export function customerReference(tenantId: string, customerId: string): Hex {
  const digest = toHex(sha256Text(`${DOMAIN}\0${tenantId}\0${customerId}`))
  return `0x${digest.slice(2, 2 + HEX_DIGITS)}`
}
