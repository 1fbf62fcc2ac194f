import { type Amount, amountOf, formatAmount, parseDelta } from '@pacspace/api/amount'
import * as api from '@pacspace/api/definition/ledger'
import { Problem, type ProblemCode, problems } from '@pacspace/api/problem'
import { toHex } from '@pacspace/proofs/hex'
import { sha256Text } from '@pacspace/proofs/sha256'
import { amountsAsStrings } from '@pacspace/service/answer-writer'
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
  const items = input.body.deltas.map(itemOf)
  const outcome = await append(principal.tenantNo, {
    kind: 'batch',
    items,
    keyDigest,
    requestHash: keyDigest === null ? null : requestHashOf(items, input.body.deltas),
  })
  if (outcome.kind === 'refused')
    throw new Problem(outcome.refusal.code, { message: outcome.refusal.message })
  const results = outcome.items.map(resultOf)
  const totalFailed = results.filter((result) => result.status === 'FAILED').length
  const data = { totalQueued: results.length - totalFailed, totalFailed, results }
  return outcome.replayed ? answer(data, { headers: { 'Idempotent-Replayed': 'true' } }) : data
})

function itemOf(raw: unknown): DeltaRequest | RefusedItem {
  const validation = validateItem(raw)
  if (validation.ok) return deltaRequestOf(validation.value)
  const message = `Validation failed: ${validation.message}`
  return { refusal: { code: 'VALIDATION_ERROR', message }, ...whatItSaid(raw) }
}

/** The customer and amount of a refused item as far as they can be told, so that the sender finds it again. */
function whatItSaid(raw: unknown): { readonly customerId: string | null; readonly delta: string | null } {
  const said = typeof raw === 'object' && raw !== null ? raw : {}
  const customerId =
    'customerId' in said && typeof said.customerId === 'string' ? said.customerId.slice(0, 128) : null
  return { customerId, delta: 'delta' in said ? canonicalDelta(said.delta) : null }
}

/** The validator replaces a good literal in place by its amount, whatever else is wrong with the item. */
function canonicalDelta(delta: unknown): string | null {
  if (typeof delta === 'bigint') return formatAmount(delta as Amount) // every bigint of an input is an amount
  const literal = delta instanceof NumberLiteral ? delta.literal : delta
  if (typeof literal !== 'string' && typeof literal !== 'number') return null
  const parsed = parseDelta(String(literal))
  return parsed.ok ? formatAmount(parsed.amount) : null
}

/** Binds an Idempotency-Key to this very request: valid items by the hash of their content, others as they were sent. */
function requestHashOf(items: readonly (DeltaRequest | RefusedItem)[], sent: readonly unknown[]): Uint8Array {
  const texts = items.map((item, index) =>
    isRefused(item) ? JSON.stringify(sent[index], amountsAsStrings) : item.contentHash,
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
  if (item.kind === 'void') {
    const { voidOf: recordId, customerId, amount: delta } = item
    return {
      index,
      customerId,
      delta,
      status: 'FAILED' as const,
      recordId,
      error: 'DELTA_VOID' satisfies ProblemCode,
      message: problems.DELTA_VOID.message,
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
