import { listCustomers } from '@pacspace/api/definition/ledger'
import { listLedgerCustomers as definition } from '@pacspace/api/definition/ledger-views'
import { implement } from '../context.ts'
import { viewLedger } from './view-ledger.ts'

/** Customers with their verified balances, by page. Any role. */
export const listLedgerCustomers = implement(definition, (call, context) =>
  viewLedger(listCustomers, { query: call.input.query }, call, context),
)
