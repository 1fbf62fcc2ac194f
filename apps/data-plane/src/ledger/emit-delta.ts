import * as api from '@pacspace/api/definition/ledger'
import { Problem } from '@pacspace/api/problem'
import { answer } from '@pacspace/service/implement'
import { implement } from '../context.ts'
import { emittedDelta } from './delta-answer.ts'
import { deltaRequestOf, keyDigestOf } from './delta-request.ts'

/**
 * Appends one signed change to a customer's ledger (product.md §3 "Emit"). For holders of `balance:write`. When the
 * answer leaves, the delta and its idempotency key are committed to disk, together; a replay writes nothing and says
 * what was said the first time. With `?wait=verified` the answer leaves later, with the status that was reached; the commit
 * is not held up by it.
 */
export const emitDelta = implement(
  api.emitDelta,
  async ({ principal, input, request }, { append, watch }) => {
    const outcome = await append(principal.tenantNo, {
      kind: 'emit',
      items: [deltaRequestOf(input.body)],
      keyDigest: keyDigestOf(principal.tenantId, request.idempotencyKey),
      requestHash: null,
    })
    if (outcome.kind === 'refused')
      throw new Problem(outcome.refusal.code, { message: outcome.refusal.message })
    const [item] = outcome.items
    if (item === undefined || item.kind === 'refused' || item.kind === 'void')
      throw new Error('an emit that is done wrote or found one delta')
    const isWaited = input.query.wait === 'verified'
    const status = isWaited ? await watch.finalStatus(principal.tenantNo, item.delta.logIndex) : 'QUEUED'
    const data = emittedDelta(item.delta, status)
    if (item.kind === 'replay') return answer({ ...data, idempotent: true as const }, REPLAYED)
    return outcome.replayed ? answer(data, REPLAYED) : data
  },
)

const REPLAYED = { headers: { 'Idempotent-Replayed': 'true' } }
