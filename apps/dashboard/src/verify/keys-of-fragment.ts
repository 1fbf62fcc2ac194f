import { isLogKey } from '../ui/proof/known-log-keys.ts'

/**
 * Keys of logs behind the `#` of an address (`#key=…`, several allowed), which no server is sent. Whoever gave the link vouches for
 * them; what is no key is left out. Attacker-controlled.
 */
export function keysOfFragment(hash: string): readonly string[] {
  return new URLSearchParams(hash.replace(/^#/, ''))
    .getAll('key')
    .map((text) => text.replaceAll(' ', '+')) // a plus that nobody wrote as %2B; keys hold no spaces
    .filter(isLogKey)
}
