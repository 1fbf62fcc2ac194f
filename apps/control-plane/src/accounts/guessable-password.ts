import { readFileSync } from 'node:fs'

/** Up to this many digits and signs at the end do not make a common word a good password. */
const SUFFIX_CHARACTERS_MAX = 6

let loaded: ReadonlySet<string> | undefined

/**
 * Whether an attacker would try this password among the first: it is in the list of `guessable-passwords.txt` (source and
 * licence there), or is an entry with a few digits or signs at its end (`password123456`, `Sunshine2026!`).
 */
export function isGuessablePassword(password: string): boolean {
  const list = guessablePasswords()
  const lower = password.toLowerCase()
  if (list.has(lower)) return true
  const word = lower.replace(/[^a-z]+$/, '')
  return lower.length - word.length <= SUFFIX_CHARACTERS_MAX && list.has(word)
}

/** Read once, at the first use: 200 kB. */
function guessablePasswords(): ReadonlySet<string> {
  loaded ??= new Set(
    readFileSync(new URL('./guessable-passwords.txt', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')),
  )
  return loaded
}
