import { timestampOf } from '@pacspace/api/timestamp'
import { toHex } from '@pacspace/proofs/hex'
import { EMPTY_ROOT } from '@pacspace/proofs/merkle'
import { type Db, isUnavailable, transaction } from '@pacspace/service/postgres'
import { insertNote } from './anchors.sql.ts'
import { confirm } from './confirm.ts'
import type { WorkerContext } from './context.ts'
import { newLogKey, openLogKey, signHead } from './log-key.ts'
import {
  activateTenant,
  failTenant,
  hasLog,
  insertLog,
  lockTenant,
  selectProvisioning,
} from './provisioning.sql.ts'

const LOG_ID_BYTES = 16

/** Provisions every tenant that waits for it; answers how many became active. */
export async function provisionWaiting(context: WorkerContext): Promise<number> {
  const tenants = await selectProvisioning(context.db)
  let activated = 0
  for (const tenantNo of tenants) if (await provisionLog(context, tenantNo)) activated++
  return activated
}

/**
 * Real work in this environment's own infrastructure (product.md §4 "Contracts"): the tenant's log with its own name and
 * key, its empty head signed, and that head at the anchor. Each step may be repeated: the log is made once, in one
 * transaction, and anchoring the same head again changes nothing. A step that fails leaves `error` with a reason; a
 * database that is away, or another worker at the same tenant, leaves it for the next round.
 */
async function provisionLog(context: WorkerContext, tenantNo: number): Promise<boolean> {
  try {
    await transaction(context.db, (tx) => makeLog(context, tx, tenantNo))
    const confirmed = await confirm(context, tenantNo)
    if (confirmed === 'busy' || confirmed === 'blocked') return false
    return await activateTenant(context.db, tenantNo, timestampOf(context.clock.now()))
  } catch (error) {
    context.log.error({ err: error, tenantNo }, 'provisioning failed')
    if (isUnavailable(error)) return false
    await failTenant(context.db, tenantNo, 'The log of this environment could not be set up.')
    return false
  }
}

async function makeLog(context: WorkerContext, tx: Db, tenantNo: number): Promise<void> {
  await lockTenant(tx, tenantNo)
  if (await hasLog(tx, tenantNo)) return
  const logId = toHex(context.randomBytes(LOG_ID_BYTES)).slice(2)
  const origin = `${context.logHost}/log/${logId}`
  const key = newLogKey(origin, context.masterKey, context.randomBytes)
  const now = timestampOf(context.clock.now())
  await insertLog(tx, tenantNo, { logId, origin, ...key, emptyRoot: EMPTY_ROOT, createdAt: now })
  const head = { size: 0, root: EMPTY_ROOT }
  const note = signHead({ origin, ...head }, key.publicKey, openLogKey(origin, key, context.masterKey))
  await insertNote(tx, tenantNo, { ...head, note, signedAt: now })
}
