import { takeLedgerCheckpoint as definition } from '@pacspace/api/definition/ledger-views'
import { implement } from '../context.ts'
import { auditedCheckpoint } from './audited-checkpoint.ts'

/** Takes a checkpoint of a customer. Developers and above. Taken again, a finished month's is the same one. */
export const takeLedgerCheckpoint = implement(definition, (call, context) => {
  const { params, body } = call.input
  return auditedCheckpoint(call, { ...body, ...params }, context)
})
