import { listCheckpoints } from '@pacspace/api/definition/checkpoints'
import { listAllCheckpoints as definition } from '@pacspace/api/definition/ledger-views'
import { implement } from '../context.ts'
import { viewLedger } from './view-ledger.ts'

/** Checkpoints of every customer and of all of them together, newest first. Any role. */
export const listAllCheckpoints = implement(definition, (call, context) =>
  viewLedger(listCheckpoints, { query: call.input.query }, call, context),
)
