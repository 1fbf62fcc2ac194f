import type { TenantId } from '@pacspace/api/id'
import type { ProblemCode } from '@pacspace/api/problem'
import type { Timestamp } from '@pacspace/api/timestamp'

/** What people say of a customer. */
export interface CustomerWords {
  readonly customerId: string
  readonly displayName: string
  readonly sharingStateHint: string | null
  readonly eventCadence: string | null
  readonly unitLabel: string | null
}

/** One customer to create. */
export interface CustomerUnit extends CustomerWords {
  readonly tenantId: TenantId
}

export type CustomerOutcome =
  | { readonly kind: 'done'; readonly createdAt: Timestamp }
  | { readonly kind: 'refused'; readonly code: ProblemCode }
