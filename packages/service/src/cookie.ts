/** The value of a cookie in a `Cookie` header, attacker-controlled; undefined where there is none of that name (RFC 6265 §5.4). */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=')
    if (equals > 0 && pair.slice(0, equals).trim() === name) return pair.slice(equals + 1).trim()
  }
  return undefined
}

export interface CookieOptions {
  /** 0 deletes it. */
  readonly maxAgeSeconds: number
  /** True where the site is reached by https: a browser then keeps the cookie to it. */
  readonly isSecure: boolean
}

/**
 * A `Set-Cookie` line for a cookie that no script may read and no other site may have sent. `name` and `value`: token
 * characters only, which ids and base64url are.
 */
export function cookieLine(name: string, value: string, { maxAgeSeconds, isSecure }: CookieOptions): string {
  const secure = isSecure ? '; Secure' : ''
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`
}

/** The name under which a browser takes the cookie from nobody but this very host (RFC 6265bis §4.1.3.2), where it can. */
export function hostCookieName(name: string, isSecure: boolean): string {
  return isSecure ? `__Host-${name}` : name
}
