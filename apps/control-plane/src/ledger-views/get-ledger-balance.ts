import { deriveBalance } from '@pacspace/api/definition/ledger'
import { getLedgerBalance as definition } from '@pacspace/api/definition/ledger-views'
import { implement } from '../context.ts'
import { viewLedger } from './view-ledger.ts'

/** The exact balance of a customer, derived as the Balance API derives it. Any role. */
export const getLedgerBalance = implement(definition, (call, context) => {
  const { params, query } = call.input
  return viewLedger(deriveBalance, { params, query }, call, context)
})
