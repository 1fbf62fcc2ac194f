import { getCustomersSummary } from '@pacspace/api/definition/customers'
import { getLedgerSummary as definition } from '@pacspace/api/definition/ledger-views'
import { implement } from '../context.ts'
import { viewLedger } from './view-ledger.ts'

/** All customers together, and how verification stands. Any role. */
export const getLedgerSummary = implement(definition, (call, context) =>
  viewLedger(getCustomersSummary, {}, call, context),
)
