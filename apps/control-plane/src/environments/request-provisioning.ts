import type { Environment } from '@pacspace/api/environment'
import { newId, type RandomBytes, type TenantId } from '@pacspace/api/id'
import { timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import type { Db, Tx } from '@pacspace/service/postgres'
import { enqueueJob } from '../enqueue-job.ts'
import { insertOrRestartContract, listUnfinishedProvisionings } from './environments.sql.ts'

export interface ProvisioningTarget {
  readonly tenantId: TenantId
  readonly environment: Environment
}

/** Provisionings that one look at the table finds; the next look finds the rest. */
const UNFINISHED_MAX = 1_000

/**
 * Asks for an environment in the caller's transaction: the contract's row and the job that provisions it stand if and
 * only if that commits. Gives true when provisioning starts by this; false when it is active or under way already.
 */
export async function requestProvisioning(
  tx: Tx,
  target: ProvisioningTarget,
  { clock, randomBytes }: { readonly clock: Clock; readonly randomBytes: RandomBytes },
): Promise<boolean> {
  const isStarted = await insertOrRestartContract(tx, {
    ...target,
    id: newId('ctr', randomBytes),
    now: timestampOf(clock.now()),
  })
  if (isStarted) await enqueueProvisioning(tx, target)
  return isStarted
}

/** Asks again for every provisioning that was asked for `agoMs` ago or earlier and has not ended. Safe at any time. */
export async function requestUnfinishedProvisionings(db: Db, clock: Clock, agoMs: number): Promise<void> {
  const unfinished = await listUnfinishedProvisionings(db, timestampOf(clock.now() - agoMs), UNFINISHED_MAX)
  for (const target of unfinished) await enqueueProvisioning(db, target)
}

async function enqueueProvisioning(db: Db, { tenantId, environment }: ProvisioningTarget): Promise<void> {
  await enqueueJob(db, {
    task: 'provision',
    payload: { tenantId, environment },
    key: `provision:${tenantId}:${environment}`,
  })
}
