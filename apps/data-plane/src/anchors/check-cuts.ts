import { timestampOf } from '@pacspace/api/timestamp'
import { selectCustomersOfCut } from '../checkpoints/front-door.ts'
import {
  type CutRow,
  selectLastPart,
  selectTree,
  selectUncheckedCuts,
  upsertCheck,
} from './checkpoints.sql.ts'
import type { WorkerContext } from './context.ts'
import { type JudgedParts, judgeParts } from './judge-cut.ts'
import { cutDifferences } from './judge-entries.ts'
import { VerifiedDataDamaged } from './verified-end.ts'

const CUTS_AT_ONCE = 16
/** One that was found damaged is looked at again this often. */
const DAMAGED_PAUSE_MS = 2_000

/**
 * Computes the roots of checkpoints of all customers a second time, from rows that are proved to stand in the signed tree;
 * true where a root was found. Only then may the entry be appended, and integration has nothing to do but compare. In no
 * transaction: appends, integration and confirmation go on meanwhile. If the process dies, nothing stands, and the next one
 * computes again; two at once come to the same.
 */
export async function checkCuts(context: WorkerContext): Promise<boolean> {
  const notSince = timestampOf(context.clock.now() - DAMAGED_PAUSE_MS)
  let isBusy = false
  for (const cut of await selectUncheckedCuts(context.db, notSince, CUTS_AT_ONCE)) {
    try {
      if (await checkCut(context, cut)) isBusy = true
    } catch (error) {
      context.log.error({ err: error, tenantNo: cut.tenant_id }, 'a checkpoint could not be checked')
    }
  }
  return isBusy
}

async function checkCut(context: WorkerContext, cut: CutRow): Promise<boolean> {
  const { tenant_id: tenantNo, nonce } = cut
  const judged = await judgeWhole(context, cut)
  if (judged === undefined) return false
  const texts = [...cutDifferences(cut), ...judged.texts]
  const checkedAt = timestampOf(context.clock.now())
  if (texts.length > 0) {
    context.log.error({ tenantNo, discrepancies: texts }, 'stored data under a checkpoint is damaged')
    await upsertCheck(context.db, tenantNo, nonce, { root: null, discrepancies: texts, checkedAt })
    return false
  }
  await upsertCheck(context.db, tenantNo, nonce, { root: judged.root, discrepancies: [], checkedAt })
  return true
}

/** Undefined while its parts are being written. */
async function judgeWhole(context: WorkerContext, cut: CutRow): Promise<JudgedParts | undefined> {
  const tree = await selectTree(context.db, cut.tenant_id)
  if (tree === undefined || tree.size < cut.cut_size) return undefined
  // While they are being written, each look would judge all that are there for nothing.
  const last = await selectLastPart(context.db, cut.tenant_id, cut.nonce)
  if ((await selectCustomersOfCut(context.db, cut.tenant_id, cut, last, 1)).length > 0) return undefined
  try {
    const judged = await judgeParts(context.db, cut.tenant_id, tree, cut)
    return judged.isWhole || judged.texts.length > 0 ? judged : undefined
  } catch (error) {
    if (!(error instanceof VerifiedDataDamaged)) throw error
    return {
      isWhole: false,
      root: new Uint8Array(),
      texts: [`log_index ${error.logIndex}: ${error.message}`],
    }
  }
}
