import { validationProblem } from '@pacspace/api/problem'

/**
 * One local part and a domain with a point in it. Narrower than RFC 5321 on purpose: no quoted local parts, comments,
 * address literals, white space or control characters, so an address can go into a mail header as it is.
 */
const ADDRESS =
  /^[^\s\p{Cc}"(),:;<>@[\\\]]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u

/** Trims an address that somebody typed. Raises VALIDATION_ERROR naming `/email` if no mail could go there. */
export function parseEmail(typed: string): string {
  const email = typed.trim()
  const [local = ''] = email.split('@')
  const hasLonelyPoint = local.startsWith('.') || local.endsWith('.') || local.includes('..')
  if (!ADDRESS.test(email) || hasLonelyPoint) throw validationProblem('/email', 'must be an e-mail address')
  return email
}

/** How addresses are compared: trimmed, without case, one Unicode spelling. Any text has a key, sane or not. */
export function emailKey(typed: string): string {
  return typed.trim().normalize('NFC').toLowerCase()
}
