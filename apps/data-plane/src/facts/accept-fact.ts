import * as api from '@pacspace/api/definition/facts'
import { Problem, validationProblem } from '@pacspace/api/problem'
import { canonicalJson } from '@pacspace/proofs/jcs'
import { sha256Text } from '@pacspace/proofs/sha256'
import { answer } from '@pacspace/service/implement'
import { implement } from '../context.ts'
import { keyDigestOf } from '../ledger/front-door.ts'
import { wireHashOf } from './fact-answer.ts'

/**
 * Keeps a text in the tenant's log, named by its hash (product.md §3 "Advanced API"). For holders of `balance:write`. When
 * the answer leaves, the fact is on disk. The same content again is the same fact: nothing is written, and the first
 * answer is given again, whatever metadata came along.
 */
export const acceptFact = implement(api.acceptFact, async ({ principal, input, request }, { appendFact }) => {
  const { content, metadata } = input.body
  if (Buffer.byteLength(content) > api.FACT_CONTENT_BYTES_MAX)
    throw validationProblem('/content', `must be at most ${api.FACT_CONTENT_BYTES_MAX} bytes of UTF-8`)
  const outcome = await appendFact(principal.tenantNo, {
    content,
    contentHash: sha256Text(content),
    metadata: metadata === undefined ? null : canonicalJson(metadata),
    keyDigest: keyDigestOf(principal.tenantId, request.idempotencyKey),
  })
  if (outcome.kind === 'refused') throw new Problem(outcome.code)
  const { fact, isReplay } = outcome
  const data = {
    contentHash: wireHashOf(fact.contentHash),
    status: 'queued' as const,
    message: 'Fact accepted and queued for verification.',
    createdAt: fact.createdAt,
  }
  return isReplay ? answer(data, { headers: { 'Idempotent-Replayed': 'true' } }) : data
})
