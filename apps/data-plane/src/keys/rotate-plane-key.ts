import { GRACE_SECONDS_DEFAULT } from '@pacspace/api/definition/keys'
import * as api from '@pacspace/api/internal/plane'
import { Problem } from '@pacspace/api/problem'
import { epochMsOf, type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import { transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { endKeyByRotation, type KeyRow, lockKey } from './keys.sql.ts'
import { keepNewKey } from './new-key.ts'

/**
 * Gives a key its one successor, with the same name, permissions, activity and expiry. The old key goes on for the grace
 * period, never longer than it would have lived; then it is refused, at that moment where its end is known, elsewhere
 * within 5 s. Whoever rotates it at the same time waits for the lock and gets API_KEY_NOT_ROTATABLE: the secret of the
 * successor is in one answer only (docs/decisions/0050-one-successor-for-a-key.md). Raises API_KEY_REVOKED, NOT_FOUND.
 */
export const rotatePlaneKey = implement(api.rotatePlaneKey, async ({ input }, context) => {
  const { tenantId, keyId } = input.params
  const { gracePeriodSeconds = GRACE_SECONDS_DEFAULT } = input.body
  const rotated = await transaction(context.db, async (tx) => {
    const old = await lockKey(tx, tenantId, keyId)
    if (old === undefined) throw new Problem('NOT_FOUND')
    const nowMs = context.clock.now()
    checkRotatable(old, nowMs)
    const settings = {
      name: old.name,
      permissions: old.permissions,
      active: old.active,
      expiresAt: old.expires_at,
    }
    const successor = await keepNewKey(tx, tenantId, settings, context)
    if (successor === undefined) throw new Error(`tenant ${tenantId} is gone while it has a key`)
    const expiresAt = earlier(old.expires_at, timestampOf(nowMs + gracePeriodSeconds * 1_000))
    await endKeyByRotation(tx, old.id, { successorId: successor.id, expiresAt })
    return { ...successor, replaces: { id: old.id, expiresAt } }
  })
  context.onKeysChanged()
  return rotated
})

function checkRotatable(key: KeyRow, nowMs: number): void {
  if (key.revoked_at !== null) throw new Problem('API_KEY_REVOKED')
  if (key.rotated_to !== null) {
    throw new Problem('API_KEY_NOT_ROTATABLE', {
      message: `This API key was rotated already; its successor is ${key.rotated_to}.`,
    })
  }
  if (key.expires_at !== null && epochMsOf(key.expires_at) <= nowMs) {
    throw new Problem('API_KEY_NOT_ROTATABLE', { message: 'This API key has expired. Create a new one.' })
  }
}

function earlier(end: Timestamp | null, other: Timestamp): Timestamp {
  return end !== null && epochMsOf(end) < epochMsOf(other) ? end : other
}
