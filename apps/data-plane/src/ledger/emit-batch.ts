import { amountOf, formatAmount, parseDelta } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/ledger'
import { Problem } from '@pacspace/api/problem'
import { contentText } from '@pacspace/proofs/content-hash'
import { toHex } from '@pacspace/proofs/hex'
import { sha256Text } from '@pacspace/proofs/sha256'
import { NumberLiteral } from '@pacspace/service/exact-json'
import { answer } from '@pacspace/service/implement'
import { compileValidator } from '@pacspace/service/validation'
import type { Static } from 'typebox'
import { implement } from '../context.ts'
import { type ItemOutcome, isRefused, type RefusedItem } from './append-unit.ts'
import type { DeltaRequest } from './delta.ts'
import { deltaRequestOf, keyDigestOf } from './delta-request.ts'

const validateItem = compileValidator<Static<typeof api.DeltaBody>>(api.DeltaBody)

/**
 * Appends up to 1,000 changes as one indivisible unit of one commit (product.md §3 "Batch emit"). An item that is
 * refused fails alone; when the answer leaves, all others are on disk.
 */
export const emitBatch = implement(api.emitBatch, async ({ principal, input, request }, { append }) => {
  const keyDigest = keyDigestOf(principal.tenantId, request.idempotencyKey)
  const rawTexts = keyDigest === null ? null : input.body.deltas.map((item) => JSON.stringify(item))
  const items = input.body.deltas.map(itemOf)
  const outcome = await append(principal.tenantNo, {
    kind: 'batch',
    items,
    keyDigest,
    requestHash: rawTexts === null ? null : requestHashOf(items, rawTexts),
  })
  if (outcome.kind === 'refused')
    throw new Problem(outcome.refusal.code, { message: outcome.refusal.message })
  const results = outcome.items.map(resultOf)
  const totalFailed = results.filter((result) => result.status === 'FAILED').length
  const data = { totalQueued: results.length - totalFailed, totalFailed, results }
  return outcome.replayed ? answer(data, { headers: { 'Idempotent-Replayed': 'true' } }) : data
})

function itemOf(raw: unknown): DeltaRequest | RefusedItem {
  // The validator replaces literals in place: what a refusal repeats is read before.
  const said = whatItSaid(raw)
  const validation = validateItem(raw)
  if (validation.ok) return deltaRequestOf(validation.value)
  const message = `Validation failed: ${validation.message}`
  return { refusal: { code: 'VALIDATION_ERROR', message }, ...said }
}

/** The customer and amount of a refused item as far as they can be told, so that the sender finds it again. */
function whatItSaid(raw: unknown): { readonly customerId: string | null; readonly delta: string | null } {
  const said = typeof raw === 'object' && raw !== null ? raw : {}
  const customerId =
    'customerId' in said && typeof said.customerId === 'string' ? said.customerId.slice(0, 128) : null
  const literal = 'delta' in said ? literalOf(said.delta) : undefined
  const parsed = literal === undefined ? undefined : parseDelta(literal)
  return { customerId, delta: parsed?.ok ? formatAmount(parsed.amount) : null }
}

function literalOf(delta: unknown): string | undefined {
  if (delta instanceof NumberLiteral) return delta.literal
  return typeof delta === 'string' || typeof delta === 'number' ? String(delta) : undefined
}

/** Binds an Idempotency-Key to this very request: valid items by their canonical content, others as they were sent. */
function requestHashOf(
  items: readonly (DeltaRequest | RefusedItem)[],
  rawTexts: readonly string[],
): Uint8Array {
  const texts = items.map((item, index) =>
    isRefused(item) ? (rawTexts[index] ?? '') : contentText({ ...item, delta: formatAmount(item.delta) }),
  )
  return sha256Text(`batch\n${texts.join('\n')}`)
}

function resultOf(item: ItemOutcome, index: number) {
  if (item.kind === 'refused') {
    return {
      index,
      customerId: item.customerId,
      delta: item.delta === null ? null : amountOf(item.delta),
      status: 'FAILED' as const,
      error: item.refusal.code,
      message: item.refusal.message,
    }
  }
  const { delta } = item
  return {
    index,
    customerId: delta.customerId,
    delta: delta.delta,
    status: 'QUEUED' as const,
    recordId: delta.recordId,
    anchorId: `a_${delta.logIndex}` as const,
    receiptId: toHex(delta.itemsRoot),
    sequenceNumber: delta.sequenceNumber,
    contentHash: delta.contentHash,
    itemHash: toHex(delta.itemHash),
    createdAt: delta.createdAt,
    ...(item.kind === 'replay' ? { idempotent: true as const } : {}),
  }
}
