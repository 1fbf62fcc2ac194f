/**
 * `JSON.parse` for texts that will be hashed.
 *
 * V8 since 12.8, so Node 24 and 26 and the browsers built on it, can give a member another name than the text says,
 * if the name is written with an escape: after `{"h":[],"\\":0}` was parsed anywhere in the process,
 * `{"h":1,"\"":2}` comes back as `{"h":1,"\\":2}` (nodejs/node issue 63785). Whoever sends the first text changes
 * what others' texts mean. So texts with an escape are read here, by RFC 8259, and all others by `JSON.parse`.
 */
import { ProofError } from './proof-error.ts'

const WHITE_SPACE = /[ \t\n\r]*/y
const LITERAL = /true|false|null/y
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings may not hold them unescaped
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y

/**
 * The value of a JSON text. Attacker-controlled. As `JSON.parse`, but right about escaped names; of a member named
 * twice the last one stands. Throws `MALFORMED`, or `TOO_DEEP` beyond `depthMax` levels.
 */
export function parseJson(text: string, depthMax: number): unknown {
  return text.includes('\\') ? new Reader(text).readAll(depthMax) : parseNatively(text)
}

function parseNatively(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new ProofError('MALFORMED', `not JSON: ${String(cause)}`)
  }
}

/** One text and how far it was read. */
class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  readAll(depthMax: number): unknown {
    const value = this.#readValue(depthMax)
    if (this.#at !== this.#text.length) this.#refuse()
    return value
  }

  /** A value and the white space around it. */
  #readValue(depthMax: number): unknown {
    this.#take(WHITE_SPACE)
    const value = this.#readBare(depthMax)
    this.#take(WHITE_SPACE)
    return value
  }

  #readBare(depthMax: number): unknown {
    switch (this.#text[this.#at]) {
      case '{':
        return this.#readObject(depthMax - 1)
      case '[':
        return this.#readArray(depthMax - 1)
      case '"':
        return this.#readString()
      default:
        // A string without its quotes, a number or a literal cannot name a member: JSON.parse is right about them.
        return JSON.parse(this.#take(LITERAL) ?? this.#take(NUMBER) ?? this.#refuse())
    }
  }

  #readObject(depthMax: number): object {
    // No literal with the prototype of Object: a member named __proto__ must be a member.
    const members = new Map<string, unknown>()
    this.#readItems('}', depthMax, () => {
      this.#take(WHITE_SPACE)
      const name = this.#readString()
      this.#take(WHITE_SPACE)
      if (!this.#skip(':')) this.#refuse()
      members.set(name, this.#readValue(depthMax))
    })
    return Object.fromEntries(members)
  }

  #readArray(depthMax: number): unknown[] {
    const items: unknown[] = []
    this.#readItems(']', depthMax, () => items.push(this.#readValue(depthMax)))
    return items
  }

  /** What stands between the bracket at hand and `closing`, item by item. */
  #readItems(closing: string, depthMax: number, readItem: () => void): void {
    if (depthMax < 0) throw new ProofError('TOO_DEEP', 'JSON is nested too deep')
    this.#at++
    this.#take(WHITE_SPACE)
    if (this.#skip(closing)) return
    do readItem()
    while (this.#skip(','))
    if (!this.#skip(closing)) this.#refuse()
  }

  #readString(): string {
    // A string that stands alone is no name, so JSON.parse is right about its escapes.
    return JSON.parse(this.#take(STRING) ?? this.#refuse())
  }

  #skip(char: string): boolean {
    if (this.#text[this.#at] !== char) return false
    this.#at++
    return true
  }

  /** What `pattern` (sticky) matches here, or undefined. */
  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    this.#at += found?.length ?? 0
    return found
  }

  #refuse(): never {
    throw new ProofError('MALFORMED', `not JSON at character ${this.#at}`)
  }
}
