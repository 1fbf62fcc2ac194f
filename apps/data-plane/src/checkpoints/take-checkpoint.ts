import * as api from '@pacspace/api/definition/checkpoints'
import { Problem } from '@pacspace/api/problem'
import { canonicalJson } from '@pacspace/proofs/jcs'
import { answer } from '@pacspace/service/implement'
import { transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { keyDigestOf, scopeOf, selectLogState } from '../ledger/front-door.ts'
import { checkpointAnswer, statusesOf } from './checkpoint-answer.ts'

/**
 * Locks a period of a customer, or of all of them (product.md §3 "Checkpoint"). For holders of `balance:write`. When the
 * answer leaves, the checkpoint is on disk; of all customers, the cut is, and their roots are computed behind it. A month
 * that is closed already is answered with the checkpoint that closed it, in its present status.
 */
export const takeCheckpoint = implement(
  api.takeCheckpoint,
  async ({ principal, input, request }, { takeCheckpoint: take, clock, db }) => {
    const { customerId, mode, fingerprints, ...scope } = input.body
    scopeOf(scope, clock.now()) // raises what is wrong with the combination, before anything waits for the log
    const outcome = await take(principal.tenantNo, {
      customerId: customerId ?? null,
      scope,
      mode: mode ?? null,
      fingerprints: fingerprints === undefined ? null : canonicalJson(fingerprints),
      keyDigest: keyDigestOf(principal.tenantId, request.idempotencyKey),
    })
    if (outcome.kind === 'refused')
      throw new Problem(outcome.code, outcome.message === undefined ? {} : { message: outcome.message })
    const { checkpoint, isReplay } = outcome
    if (!isReplay) return checkpointAnswer(checkpoint, 'QUEUED')
    const { tenantNo } = principal
    const status = await transaction(
      db,
      async (tx) => {
        const log = await selectLogState(tx, tenantNo)
        return log === undefined ? [] : statusesOf(tx, tenantNo, log, [checkpoint])
      },
      { isolation: 'repeatable read', readOnly: true },
    )
    return answer(checkpointAnswer(checkpoint, status[0] ?? 'QUEUED'), {
      headers: { 'Idempotent-Replayed': 'true' },
    })
  },
)
