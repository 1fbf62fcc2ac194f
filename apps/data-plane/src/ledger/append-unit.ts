import type { Amount } from '@pacspace/api/amount'
import type { RecordId } from '@pacspace/api/id'
import type { ProblemCode } from '@pacspace/api/problem'
import type { Delta, DeltaRequest } from './delta.ts'

/** Why something was not written. */
export interface Refusal {
  readonly code: ProblemCode
  readonly message: string
}

/** An item of a batch that is no request: what it said, as far as it could be read, and why it is refused. */
export interface RefusedItem {
  readonly refusal: Refusal
  readonly customerId: string | null
  /** Canonical decimal text. */
  readonly delta: string | null
}

/** What one HTTP request wants appended: indivisible, in one commit. */
export interface AppendUnit {
  /** `writes`: all items or none; each one's reference is its key. */
  readonly kind: 'emit' | 'batch' | 'writes'
  readonly items: readonly (DeltaRequest | RefusedItem)[]
  /** First 16 bytes of SHA-256 over tenant and Idempotency-Key; null where no key was sent. */
  readonly keyDigest: Uint8Array | null
  /** Of a batch or writes: SHA-256 of its route and canonical body; binds the key to the request. */
  readonly requestHash: Uint8Array | null
}

/** A delta of a batch that is void. */
export interface VoidItem {
  /** Its recordId. */
  readonly voidOf: RecordId
  readonly customerId: string
  readonly amount: Amount
}

/** What became of one item. A replay was written before, and is not written again; what is void was, and does not count. */
export type ItemOutcome =
  | { readonly kind: 'written' | 'replay'; readonly delta: Delta }
  | ({ readonly kind: 'void' } & VoidItem)
  | ({ readonly kind: 'refused' } & RefusedItem)

export type UnitOutcome =
  | {
      readonly kind: 'done'
      /** In the order of the unit's items. */
      readonly items: readonly ItemOutcome[]
      /** True when the Idempotency-Key was seen before: this is the first answer again. */
      readonly replayed: boolean
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** True for an item that never became a request. */
export function isRefused(item: DeltaRequest | RefusedItem): item is RefusedItem {
  return 'refusal' in item
}
