import { takeCheckpointOfAll as definition } from '@pacspace/api/definition/ledger-views'
import { implement } from '../context.ts'
import { auditedCheckpoint } from './audited-checkpoint.ts'

/** Takes a checkpoint of all customers. Developers and above. Taken again, a finished month's is the same one. */
export const takeCheckpointOfAll = implement(definition, (call, context) =>
  auditedCheckpoint(call, call.input.body, context),
)
