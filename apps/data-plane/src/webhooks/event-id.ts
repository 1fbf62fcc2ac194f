import { createHmac } from 'node:crypto'
import type { EventId } from '@pacspace/api/id'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const CHARACTERS = 26

/**
 * The id of an event: HMAC-SHA256 of its type, its tenant and what it tells of, 130 bits. Derived, not stored: whoever
 * sends the event again, after a crash or days later, sends the same id. `key`: the tenant's, 32 bytes.
 */
export function eventIdOf(key: Uint8Array, type: string, tenantId: string, of: string): EventId {
  const bytes = createHmac('sha256', key).update(`${type}\0${tenantId}\0${of}`).digest()
  let text = ''
  for (let i = 0; i < CHARACTERS; i++) text += ALPHABET.charAt((bytes[i] ?? 0) & 31)
  return `evt_${text}` as EventId // made here and nowhere else
}
