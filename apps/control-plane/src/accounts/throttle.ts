import { hash } from 'node:crypto'
import { Problem } from '@pacspace/api/problem'
import { epochMsOf, timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import type { Db } from '@pacspace/service/postgres'
import {
  type AttemptCount,
  addAttempt,
  deleteAttempts,
  deleteOldAttempts,
  listAttempts,
} from './throttle.sql.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS

/** A count is forgotten when nothing was added to it for this long. */
const WINDOW_MS = 60 * MINUTE_MS

/**
 * The first `free` attempts cost nothing; after each further one, 1 s, 2 s, 4 s … `delayMsMax` have to pass. Kept in
 * PostgreSQL, so that the count is one, however many processes answer.
 */
export interface ThrottleRule {
  readonly key: Buffer
  readonly free: number
  readonly delayMsMax: number
}

/** Failed log-ins to one account from wherever it was never entered before. */
export function accountRule(emailKey: string): ThrottleRule {
  return { key: keyOf('log-in to account', emailKey), free: 5, delayMsMax: MINUTE_MS }
}

/** Failed log-ins from one address, to whatever accounts. An office shares one. */
export function addressRule(remoteAddress: string): ThrottleRule {
  return { key: keyOf('log-in from address', remoteAddress), free: 20, delayMsMax: 15 * MINUTE_MS }
}

/** Failed log-ins from one device that entered the account before. `key`: the device's. */
export function deviceRule(key: Buffer): ThrottleRule {
  return { key: keyOf('log-in from device', key.toString('hex')), free: 5, delayMsMax: MINUTE_MS }
}

/** Wrong current passwords of somebody who is logged in. */
export function passwordRule(userId: string): ThrottleRule {
  return { key: keyOf('password of', userId), free: 5, delayMsMax: MINUTE_MS }
}

/** Invitations that one tenant sends. */
export function inviterRule(tenantId: string): ThrottleRule {
  return { key: keyOf('invitations of', tenantId), free: 50, delayMsMax: 60 * MINUTE_MS }
}

/** Mails that one address has sent to whomever, by registering or by asking for a link. An office shares one. */
export function senderRule(remoteAddress: string): ThrottleRule {
  return { key: keyOf('mail from', remoteAddress), free: 1_000, delayMsMax: 15 * MINUTE_MS }
}

/** Mails that strangers can have sent to one person, by registering or by asking for a link. */
export function recipientRule(emailKey: string): ThrottleRule {
  return { key: keyOf('mail to', emailKey), free: 10, delayMsMax: 60 * MINUTE_MS }
}

/** Raises RATE_LIMITED, with the time to wait, while one of the rules asks for patience. Counts nothing. */
export async function checkThrottle(db: Db, clock: Clock, rules: readonly ThrottleRule[]): Promise<void> {
  const now = clock.now()
  const counts = await listAttempts(db, keysOf(rules), timestampOf(now - WINDOW_MS))
  const waitMs = Math.max(0, ...rules.map((rule) => waitMsOf(rule, counts, now)))
  if (waitMs === 0) return
  throw new Problem('RATE_LIMITED', {
    message: 'Too many attempts. Wait before you try again.',
    retryAfterSeconds: Math.ceil(waitMs / SECOND_MS),
  })
}

/** Counts one attempt under each rule. */
export async function countAttempt(db: Db, clock: Clock, rules: readonly ThrottleRule[]): Promise<void> {
  const now = clock.now()
  // Sorted, so that two attempts lock the same rows in the same order.
  const keys = keysOf(rules).sort(Buffer.compare)
  await addAttempt(db, { keys, now: timestampOf(now), since: timestampOf(now - WINDOW_MS) })
}

/** Starts the count of a rule anew: its owner has proved who they are. */
export async function resetThrottle(db: Db, rule: ThrottleRule): Promise<void> {
  await deleteAttempts(db, rule.key)
}

/** Deletes counts that no longer matter. Safe to call by several processes at once. */
export async function sweepThrottle(db: Db, clock: Clock): Promise<void> {
  await deleteOldAttempts(db, timestampOf(clock.now() - WINDOW_MS))
}

function waitMsOf(rule: ThrottleRule, counts: readonly AttemptCount[], now: number): number {
  const count = counts.find(({ key }) => key.equals(rule.key))
  if (count === undefined || count.attempts < rule.free) return 0
  const delayMs = Math.min(rule.delayMsMax, SECOND_MS * 2 ** (count.attempts - rule.free))
  return Math.max(0, epochMsOf(count.lastAttemptAt) + delayMs - now)
}

function keysOf(rules: readonly ThrottleRule[]): Buffer[] {
  return rules.map(({ key }) => key)
}

/** Hashed: the table keeps no address, and no e-mail of somebody who has no account here. */
function keyOf(what: string, name: string): Buffer {
  return hash('sha256', `${what}\0${name}`, 'buffer')
}
