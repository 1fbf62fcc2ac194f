import { takeCheckpoint } from '@pacspace/api/definition/checkpoints'
import { takeLedgerCheckpoint as definition } from '@pacspace/api/definition/ledger-views'
import { implement } from '../context.ts'
import { viewLedger } from './view-ledger.ts'

/** Takes a checkpoint of a customer. Developers and above. Taken again, a finished month's is the same one. */
export const takeLedgerCheckpoint = implement(definition, (call, context) => {
  const { params, body } = call.input
  return viewLedger(takeCheckpoint, { body: { ...body, ...params } }, call, context)
})
