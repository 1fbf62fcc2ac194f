import { cookieLine, hostCookieName } from '@pacspace/service/cookie'

/** Where a browser keeps the token of its log-in, out of reach of scripts (check A-16). */
const SESSION = 'pacspace_session'
/** By what a browser is known again; see `known-device.ts`. */
const DEVICE = 'pacspace_device'

/** The cookies of this deployment; `publicUrl` says whether browsers come by https. */
export function sessionCookieName(publicUrl: string): string {
  return hostCookieName(SESSION, isSecure(publicUrl))
}

/** See `sessionCookieName`. */
export function deviceCookieName(publicUrl: string): string {
  return hostCookieName(DEVICE, isSecure(publicUrl))
}

/** The line that keeps a log-in's token for as long as it is valid. */
export function sessionCookie(publicUrl: string, token: string, maxAgeSeconds: number): string {
  return cookieLine(sessionCookieName(publicUrl), token, { maxAgeSeconds, isSecure: isSecure(publicUrl) })
}

/** The line that deletes it. */
export function endedSessionCookie(publicUrl: string): string {
  return sessionCookie(publicUrl, '', 0)
}

/** The line by which a browser is known at its next log-in. */
export function deviceCookie(publicUrl: string, device: string, maxAgeSeconds: number): string {
  return cookieLine(deviceCookieName(publicUrl), device, { maxAgeSeconds, isSecure: isSecure(publicUrl) })
}

function isSecure(publicUrl: string): boolean {
  return publicUrl.startsWith('https:')
}
