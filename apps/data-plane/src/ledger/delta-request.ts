import type { DeltaBody } from '@pacspace/api/definition/ledger'
import type { TenantId } from '@pacspace/api/id'
import { canonicalJson } from '@pacspace/proofs/jcs'
import { sha256Text } from '@pacspace/proofs/sha256'
import type { Static } from 'typebox'
import { type DeltaRequest, requestOf } from './delta.ts'

/** Bytes of a key digest: enough that no two keys ever meet, half of a whole SHA-256 in every row. */
const KEY_DIGEST_BYTES = 16

/** The request of a validated body. */
export function deltaRequestOf(body: Static<typeof DeltaBody>): DeltaRequest {
  return requestOf({
    customerId: body.customerId,
    delta: body.delta,
    reason: body.reason,
    referenceId: body.referenceId ?? null,
    metadata: body.metadata === undefined ? null : canonicalJson(body.metadata),
    adjusts: body.adjusts ?? null,
  })
}

/**
 * What is kept of an Idempotency-Key: the first 16 bytes of SHA-256(tenantId ‖ 0x00 ‖ key). The tenant is part of it, so
 * equal keys of two tenants never meet in the index. Null where no key was sent.
 */
export function keyDigestOf(tenantId: TenantId, idempotencyKey: string | undefined): Uint8Array | null {
  if (idempotencyKey === undefined) return null
  return sha256Text(`${tenantId}\0${idempotencyKey}`).slice(0, KEY_DIGEST_BYTES)
}
