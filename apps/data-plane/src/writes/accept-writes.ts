import { FRACTION_DIGITS_MAX } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/writes'
import { Problem, type ProblemDetail } from '@pacspace/api/problem'
import { canonicalJson } from '@pacspace/proofs/jcs'
import { sha256Text } from '@pacspace/proofs/sha256'
import { answer } from '@pacspace/service/implement'
import { compileValidator } from '@pacspace/service/validation'
import type { Static } from 'typebox'
import { implement } from '../context.ts'
import { type DeltaRequest, keyDigestOf, requestOf, WRITE_REASON } from '../ledger/front-door.ts'

const validateItem = compileValidator<Static<typeof api.WriteItem>>(api.WriteItem)

/** Units of an amount in one bit. */
const UNITS_PER_BIT = 10n ** BigInt(FRACTION_DIGITS_MAX)

/**
 * Adds bits to keys (product.md §3 "Advanced API"): each item is a delta of its account, reason `write`, whose reference is
 * the key, so it is proved and counted like any other. For holders of `balance:write`. All items are on disk when the answer
 * leaves, or none is written. Raises DELTA_VOID for a key under which one was written that is void.
 */
export const acceptWrites = implement(api.acceptWrites, async ({ principal, input, request }, { append }) => {
  const items = itemsOf(input.body.items)
  const keyDigest = keyDigestOf(principal.tenantId, request.idempotencyKey)
  const hashes = items.map((item) => item.contentHash)
  const outcome = await append(principal.tenantNo, {
    kind: 'writes',
    items,
    keyDigest,
    requestHash: keyDigest === null ? null : sha256Text(`writes\n${hashes.join('\n')}`),
  })
  if (outcome.kind === 'refused')
    throw new Problem(outcome.refusal.code, { message: outcome.refusal.message })
  // Never accepted again: not all of them are there any more (decision 83).
  const voids = outcome.items.flatMap((item, index) =>
    item.kind === 'void' ? [{ path: `/items/${index}`, message: `${item.voidOf} is void` }] : [],
  )
  if (voids.length > 0) throw new Problem('DELTA_VOID', { details: voids })
  const [first] = outcome.items
  if (first === undefined || first.kind === 'refused' || first.kind === 'void')
    throw new Error('writes that are done wrote all items')
  const data = {
    // Named by its first record, so that a replay says the same.
    requestId: `wrq_${first.delta.recordId.slice('rec_'.length)}`,
    itemCount: outcome.items.length,
    status: 'queued' as const,
    message: 'Write accepted. Items are queued for verification.',
  }
  return outcome.replayed ? answer(data, { headers: { 'Idempotent-Replayed': 'true' } }) : data
})

/** Attacker-controlled. Raises VALIDATION_ERROR, in the published words for a list that is none or empty. */
function itemsOf(sent: unknown): DeltaRequest[] {
  if (!Array.isArray(sent) || sent.length === 0)
    throw refusal("Validation failed: 'items' must be a non-empty array.", [
      { path: '/items', message: 'must be a non-empty array' },
    ])
  if (sent.length > api.WRITE_ITEMS_MAX)
    throw refusal(`Validation failed: items must have at most ${api.WRITE_ITEMS_MAX} items`, [
      { path: '/items', message: `must have at most ${api.WRITE_ITEMS_MAX} items` },
    ])
  return sent.map((item, index) => itemOf(item, index))
}

function itemOf(sent: unknown, index: number): DeltaRequest {
  const validation = validateItem(sent)
  if (!validation.ok) {
    const details = validation.details.map(({ path, message }) => ({
      path: `/items/${index}${path}`,
      message,
    }))
    throw refusal(`Validation failed: items.${index}: ${validation.message}`, details)
  }
  const { key, accountId, bits, metadata } = validation.value
  if (bits % UNITS_PER_BIT !== 0n)
    throw refusal(`Validation failed: items.${index}.bits must be an integer`, [
      { path: `/items/${index}/bits`, message: 'must be an integer' },
    ])
  return requestOf({
    customerId: accountId,
    delta: bits,
    reason: WRITE_REASON,
    referenceId: key,
    metadata: metadata === undefined ? null : canonicalJson(metadata),
    adjusts: null,
  })
}

function refusal(message: string, details: readonly ProblemDetail[]): Problem {
  return new Problem('VALIDATION_ERROR', { message, details })
}
