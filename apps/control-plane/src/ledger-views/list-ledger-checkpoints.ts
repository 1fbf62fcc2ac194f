import { listCheckpoints } from '@pacspace/api/definition/checkpoints'
import { listLedgerCheckpoints as definition } from '@pacspace/api/definition/ledger-views'
import { implement } from '../context.ts'
import { viewLedger } from './view-ledger.ts'

/** Checkpoints of a customer, newest first. Any role. */
export const listLedgerCheckpoints = implement(definition, (call, context) => {
  const { params, query } = call.input
  return viewLedger(listCheckpoints, { query: { ...query, ...params } }, call, context)
})
