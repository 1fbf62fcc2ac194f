import { getCustomer } from '@pacspace/api/definition/customers'
import { getLedgerCustomer as definition } from '@pacspace/api/definition/ledger-views'
import { implement } from '../context.ts'
import { viewLedger } from './view-ledger.ts'

/** One customer with its balance and newest deltas. Any role. Another tenant's is a 404 like one that does not exist. */
export const getLedgerCustomer = implement(definition, (call, context) => {
  const { params, query } = call.input
  return viewLedger(getCustomer, { params, query }, call, context)
})
