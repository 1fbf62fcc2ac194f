import { type Amount, formatAmount } from '@pacspace/api/amount'

/** How amounts leave: as JSON numbers with all their digits, or as canonical decimal strings (`X-Amount-Format: string`). */
export type AmountStyle = 'number' | 'string'

/**
 * Writes a value as JSON, by its schema. Only declared members leave, so an answer cannot show more than its definition
 * says. Three times as fast as JSON.stringify with a replacer for amounts, which a batch answer calls 15,000 times.
 */
export type AnswerWriter = (value: unknown, amounts: AmountStyle) => string

/** A schema as far as writing is concerned. */
interface Node {
  readonly type?: unknown
  readonly const?: unknown
  readonly pattern?: unknown
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
  readonly anyOf?: readonly Node[]
}

/** The writer of a schema. Compiled once, where an endpoint is bound. */
export function compileWriter(schema: object): AnswerWriter {
  return writerOf(schema)
}

/** JSON.stringify for a value without a schema; bigints are amounts. */
export const writeAnything: AnswerWriter = (value, amounts) =>
  JSON.stringify(value, amounts === 'number' ? amountsAsNumbers : amountsAsStrings) ?? 'null'

/** For JSON.stringify: amounts as canonical decimal strings. */
export function amountsAsStrings(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? formatAmount(value as Amount) : value // every bigint of ours is one
}

function amountsAsNumbers(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? JSON.rawJSON(formatAmount(value as Amount)) : value // every bigint of ours is one
}

function writerOf(schema: Node): AnswerWriter {
  if ('x-amount' in schema) return writeAmount
  if ('x-metadata' in schema) return writePlain
  if ('x-instant' in schema || isPlainPattern(schema.pattern)) return writeQuoted
  if (schema.anyOf !== undefined) return unionWriter(schema.anyOf)
  if (schema.properties !== undefined) return objectWriter(schema.properties)
  if (schema.items !== undefined) return arrayWriter(writerOf(schema.items))
  const isScalar =
    'const' in schema || ['string', 'integer', 'number', 'boolean', 'null'].includes(String(schema.type))
  return isScalar ? writePlain : writeAnything
}

const writeAmount: AnswerWriter = (value, amounts) => {
  if (typeof value !== 'bigint') return writePlain(value, amounts)
  const text = formatAmount(value as Amount) // by its schema
  return amounts === 'number' ? text : `"${text}"`
}

/** Text, number, boolean, null or metadata: nothing in it can be an amount. */
const writePlain: AnswerWriter = (value) => JSON.stringify(value) ?? 'null'

/** Text of our own making (ids, hashes, times) that holds no character which JSON escapes. */
const writeQuoted: AnswerWriter = (value) =>
  typeof value === 'string' ? `"${value}"` : (JSON.stringify(value) ?? 'null')

/** True for a pattern that spells out the few characters it admits: no wildcard, no negation, no escape, no quote. */
function isPlainPattern(pattern: unknown): boolean {
  return typeof pattern === 'string' && /^\^[\w()[\]{}|,?+*-]+\$$/.test(pattern)
}

/** `X or null` is written like X; other unions by what they hold. */
function unionWriter(branches: readonly Node[]): AnswerWriter {
  if (branches.every((branch) => 'const' in branch)) return writePlain
  const [only, ...others] = branches.filter((branch) => branch.type !== 'null')
  if (only === undefined || others.length > 0) return writeAnything
  const write = writerOf(only)
  return (value, amounts) => (value === null ? 'null' : write(value, amounts))
}

function objectWriter(properties: Readonly<Record<string, Node>>): AnswerWriter {
  const members = Object.entries(properties).map(([name, schema]) => ({
    name,
    prefix: `${JSON.stringify(name)}:`,
    write: writerOf(schema),
  }))
  return (value, amounts) => {
    if (typeof value !== 'object' || value === null) return writePlain(value, amounts)
    let text = '{'
    for (const { name, prefix, write } of members) {
      const member: unknown = value[name as keyof typeof value] // undefined where it has none
      if (member === undefined) continue
      text += text.length === 1 ? prefix : `,${prefix}`
      text += write(member, amounts)
    }
    return `${text}}`
  }
}

function arrayWriter(write: AnswerWriter): AnswerWriter {
  return (value, amounts) => {
    if (!Array.isArray(value)) return writePlain(value, amounts)
    let text = '['
    for (let i = 0; i < value.length; i++) text += (i === 0 ? '' : ',') + write(value[i], amounts)
    return `${text}]`
  }
}
