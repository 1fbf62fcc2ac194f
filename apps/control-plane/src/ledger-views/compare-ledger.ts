import { compareBalances } from '@pacspace/api/definition/compare'
import { compareLedger as definition } from '@pacspace/api/definition/ledger-views'
import { implement } from '../context.ts'
import { viewLedger } from './view-ledger.ts'

/** What both sides believe beside the verified ledger. It reads only: any role. */
export const compareLedger = implement(definition, (call, context) =>
  viewLedger(compareBalances, { body: call.input.body }, call, context),
)
