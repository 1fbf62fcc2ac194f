import { hash } from 'node:crypto'
import type { RandomBytes } from '@pacspace/api/id'
import { timestampOf } from '@pacspace/api/timestamp'
import type { Clock } from '@pacspace/service/clock'
import { readCookie } from '@pacspace/service/cookie'
import type { RequestFacts } from '@pacspace/service/implement'
import type { Db } from '@pacspace/service/postgres'
import { deleteOldDevices, listKnownDevices, upsertKnownDevices } from './known-device.sql.ts'
import { deviceCookieName } from './session-cookie.ts'
import { accountRule, addressRule, deviceRule, type ThrottleRule } from './throttle.ts'

const DEVICE_BYTES = 16
const DEVICE_FORM = /^[\w-]{22}$/

const DAY_SECONDS = 24 * 60 * 60
/** A device that did not log in for this long is a stranger again. */
export const DEVICE_SECONDS = 180 * DAY_SECONDS

/** What a request shows of where it comes from. */
export interface SeenDevice {
  /** What the browser's cookie says, attacker-controlled; fresh where it says nothing of the right form. */
  readonly cookie: string
  readonly cookieKey: Buffer
  readonly addressKey: Buffer
}

/** Reads a request. `account`: the e-mail's key, whether it has an account or not. */
export function seenDevice(
  account: string,
  request: Pick<RequestFacts, 'headers' | 'remoteAddress'>,
  { publicUrl, randomBytes }: { readonly publicUrl: string; readonly randomBytes: RandomBytes },
): SeenDevice {
  const sent = readCookie(request.headers.cookie, deviceCookieName(publicUrl)) ?? ''
  const isDevice = DEVICE_FORM.test(sent)
  const cookie = isDevice ? sent : Buffer.from(randomBytes(DEVICE_BYTES)).toString('base64url')
  return {
    cookie,
    cookieKey: keyOf('cookie', account, cookie),
    addressKey: keyOf('address', account, request.remoteAddress),
  }
}

/**
 * What this attempt is counted against (check A-1). A browser that entered the account before is counted by itself: whoever
 * guesses elsewhere cannot lock its owner out. So is an address, beside the count of all its attempts. Everybody else
 * shares the account's count and their address's. The first rule is the one that a success clears. Asks the same of the database whether the account exists or not.
 */
export async function throttleRulesOf(
  db: Db,
  clock: Clock,
  account: string,
  device: SeenDevice,
  remoteAddress: string,
): Promise<readonly ThrottleRule[]> {
  const since = timestampOf(clock.now() - DEVICE_SECONDS * 1000)
  const known = await listKnownDevices(db, [device.cookieKey, device.addressKey], since)
  const isKnown = (key: Buffer) => known.some((each) => each.equals(key))
  if (isKnown(device.cookieKey)) return [deviceRule(device.cookieKey)]
  const address = addressRule(remoteAddress)
  return [isKnown(device.addressKey) ? deviceRule(device.addressKey) : accountRule(account), address]
}

/** Remembers where an account was entered from. */
export async function rememberDevice(db: Db, clock: Clock, device: SeenDevice): Promise<void> {
  // Sorted, so that two log-ins lock the same rows in the same order.
  const keys = [device.cookieKey, device.addressKey].sort(Buffer.compare)
  await upsertKnownDevices(db, keys, timestampOf(clock.now()))
}

/** Forgets devices that did not log in for long. Safe to call by several processes at once. */
export async function sweepKnownDevices(db: Db, clock: Clock): Promise<void> {
  await deleteOldDevices(db, timestampOf(clock.now() - DEVICE_SECONDS * 1000))
}

/** Hashed with the account: the table tells neither who has an account nor where people log in from. */
function keyOf(kind: 'cookie' | 'address', account: string, value: string): Buffer {
  return hash('sha256', `known ${kind}\0${account}\0${value}`, 'buffer')
}
