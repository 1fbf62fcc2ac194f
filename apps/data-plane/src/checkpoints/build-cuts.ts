import { equalBytes } from '@pacspace/proofs/bytes'
import type { Logger } from '@pacspace/service/log'
import { type Db, type Pool, transaction } from '@pacspace/service/postgres'
import type { CutEntryUnit } from './commit-cut-entry.ts'
import {
  insertParts,
  lockPartsShared,
  type OpenCut,
  selectCustomersOfCut,
  selectLastPartOf,
  selectOpenCuts,
  selectPartsInOrder,
} from './cut.sql.ts'
import { selectFigures } from './figures.sql.ts'
import { figuresOf, newCutOf, totalOf } from './figures.ts'

/** Customers whose parts are written in one transaction: bounds its time. */
const CUSTOMERS_AT_ONCE = 500
const CUTS_AT_ONCE = 64

export interface CutContext {
  readonly db: Pool
  readonly log: Logger
  /** Appends the entry of a cut whose parts are whole; does nothing where it is there already. */
  readonly appendCutEntry: (tenantNo: number, unit: CutEntryUnit) => Promise<boolean>
}

/**
 * Takes every open checkpoint of all customers one step on; true where something was done. A step is the parts of the next
 * 500 customers, or, once the worker has computed the same root itself, the entry in the log. Nothing but rows says how far
 * it is, so that a process may die after any line: the next one finds the same step undone, or done. Parts are inserted
 * once, by primary key; the entry once, under the log's lock. Locks nothing that appends wait for.
 */
export async function buildCuts(context: CutContext): Promise<boolean> {
  let isBusy = false
  for (const cut of await selectOpenCuts(context.db, CUTS_AT_ONCE)) {
    try {
      if (await buildCut(context, cut)) isBusy = true
    } catch (error) {
      context.log.error(
        { err: error, tenantNo: cut.tenant_id },
        'a checkpoint of all customers could not go on',
      )
    }
  }
  return isBusy
}

async function buildCut(context: CutContext, cut: OpenCut): Promise<boolean> {
  const { db } = context
  const { tenant_id: tenantNo, nonce } = cut
  const [next] = await selectCustomersOfCut(db, tenantNo, cut, cut.last_customer_no, 1)
  if (next !== undefined) return transaction(db, (tx) => addParts(tx, cut))
  if (cut.checked_root === null) return false
  const figures = totalOf(await selectPartsInOrder(db, tenantNo, nonce))
  if (!equalBytes(figures.proofRoot, cut.checked_root))
    throw new Error(`the worker computed another root for the cut ${nonce.toString('hex')}`)
  return context.appendCutEntry(tenantNo, { cut: newCutOf(cut), figures })
}

/** Under a lock: parts that are computed from rows which become void meanwhile must not come to stay. */
async function addParts(tx: Db, cut: OpenCut): Promise<boolean> {
  const { tenant_id: tenantNo, nonce } = cut
  await lockPartsShared(tx, tenantNo)
  const last = await selectLastPartOf(tx, tenantNo, nonce)
  const next = await selectCustomersOfCut(tx, tenantNo, cut, last, CUSTOMERS_AT_ONCE)
  const newCut = newCutOf(cut)
  const rows = await selectFigures(tx, tenantNo, next, newCut)
  await insertParts(
    tx,
    tenantNo,
    nonce,
    rows.map((row) => figuresOf(newCut, row)),
  )
  return true
}
