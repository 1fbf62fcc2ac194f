/** What a customer id may be made of (product.md §2 "Identifiers"), words of the API's own paths apart. */
const VALID = /^(?!\.{1,2}$|summary$)[A-Za-z0-9_.:-]+$/
const KEPT = /^[A-Za-z0-9_.-]$/
const ESCAPED_PREFIX = 'x:'

/** Longest customer id the API takes, in characters. */
const LENGTH_MAX = 128

const utf8 = new TextEncoder()

/**
 * The customer id for a name as it stands in a file; undefined where it would be longer than 128 characters.
 *
 * A name that is a valid id stays as it is, unless it begins with `x:`. Any other becomes `x:` and its UTF-8 bytes,
 * those other than letters, digits and `_ . -` as `:` and two hex digits: `Acme Ltd.` → `x:Acme:20Ltd.`. Two names
 * never become one id (the original can be read back), so no two customers' balances are ever mixed.
 */
export function customerIdOf(name: string): string | undefined {
  const id = VALID.test(name) && !name.startsWith(ESCAPED_PREFIX) ? name : escaped(name)
  return id.length <= LENGTH_MAX ? id : undefined
}

function escaped(name: string): string {
  let id = ESCAPED_PREFIX
  for (const byte of utf8.encode(name)) {
    const character = String.fromCharCode(byte)
    id += KEPT.test(character) ? character : `:${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return id
}
