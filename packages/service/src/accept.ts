/**
 * True when an `Accept` header wants plain text rather than JSON (RFC 9110 §12.5.1): the more specific range decides each
 * type's weight, and JSON wins a tie. `accept`: as received, attacker-controlled; absent or unreadable means JSON.
 */
export function prefersText(accept: string | undefined): boolean {
  if (accept === undefined) return false
  const ranges = accept.split(',').map(rangeOf)
  return weightOf('text/plain', ranges) > weightOf('application/json', ranges)
}

interface MediaRange {
  readonly type: string
  readonly weight: number
}

function rangeOf(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const q = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
  return { type, weight: q === undefined ? 1 : /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(q) ? Number(q) : 0 }
}

function weightOf(type: string, ranges: readonly MediaRange[]): number {
  const group = `${type.slice(0, type.indexOf('/'))}/*`
  for (const wanted of [type, group, '*/*']) {
    const range = ranges.find((one) => one.type === wanted)
    if (range !== undefined) return range.weight
  }
  return 0
}
