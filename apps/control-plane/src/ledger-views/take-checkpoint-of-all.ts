import { takeCheckpoint } from '@pacspace/api/definition/checkpoints'
import { takeCheckpointOfAll as definition } from '@pacspace/api/definition/ledger-views'
import { implement } from '../context.ts'
import { viewLedger } from './view-ledger.ts'

/** Takes a checkpoint of all customers. Developers and above. Taken again, a finished month's is the same one. */
export const takeCheckpointOfAll = implement(definition, (call, context) =>
  viewLedger(takeCheckpoint, { body: call.input.body }, call, context),
)
