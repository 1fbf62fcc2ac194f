/**
 * Typed ids: a tenant id cannot be passed where a key id is wanted. The prefix on the wire tells what an id names
 * (product.md §1 "Words").
 */
export type Id<Prefix extends string> = `${Prefix}_${string}` & { readonly __id: Prefix }

export type TenantId = Id<'tnt'>
export type UserId = Id<'usr'>
export type ContractId = Id<'ctr'>
export type KeyId = Id<'key'>
export type RecordId = Id<'rec'>
export type CheckpointId = Id<'chk'>
export type RequestId = Id<'req'>
export type AuditEntryId = Id<'aud'>
export type InvitationId = Id<'inv'>
export type InvoiceId = Id<'bill'>
export type WebhookId = Id<'wh'>
export type EventId = Id<'evt'>

/** Fills the array with random bytes; the only source of randomness in domain code (design invariant 11). */
export type RandomBytes = (length: number) => Uint8Array

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** Random bits in an id made by `newId`: 26 characters of 5 bits. */
const ID_CHARACTERS = 26

/** A fresh id of 130 random bits, e.g. `newId('usr', randomBytes)`. */
export function newId<Prefix extends string>(prefix: Prefix, randomBytes: RandomBytes): Id<Prefix> {
  const bytes = randomBytes(ID_CHARACTERS)
  let text = ''
  for (const byte of bytes) text += ALPHABET[byte & 31]
  return `${prefix}_${text}` as Id<Prefix>
}

/** True when `text` has the form of an id with that prefix; says nothing about whether it exists. */
export function isId<Prefix extends string>(prefix: Prefix, text: string): text is Id<Prefix> {
  return text.startsWith(`${prefix}_`) && /^[0-9a-z]{26}$/.test(text.slice(prefix.length + 1))
}
