import { getDelta } from '@pacspace/api/definition/ledger'
import { getLedgerDelta as definition } from '@pacspace/api/definition/ledger-views'
import { implement } from '../context.ts'
import { viewLedger } from './view-ledger.ts'

/** One delta with its present status and, once verified, its proof. Any role. */
export const getLedgerDelta = implement(definition, (call, context) =>
  viewLedger(getDelta, { params: call.input.params }, call, context),
)
