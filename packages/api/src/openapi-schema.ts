/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** Requests take more spellings than answers use: a number or a text for an amount, a date for an instant. */
export type Direction = 'request' | 'answer'

/** The decimal grammar of product.md §2. */
const CANONICAL_DECIMAL = '^-?(0|[1-9][0-9]*)(\\.[0-9]*[1-9])?$'

/** Schemas that the others refer to. */
export const componentSchemas: Json = {
  DeltaInput: {
    description:
      'A signed, non-zero change: number or decimal string, within ±1,000,000,000, at most 12 digits after the point. The literal counts, exactly.',
    anyOf: [
      { type: 'number', minimum: -1_000_000_000, maximum: 1_000_000_000 },
      { type: 'string', maxLength: 64, pattern: '^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$' },
    ],
  },
  BalanceInput: {
    description:
      'A balance: number or decimal string, at most 12 digits after the point. The literal counts, exactly.',
    anyOf: [
      { type: 'number' },
      { type: 'string', maxLength: 64, pattern: '^-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?$' },
    ],
  },
  Amount: {
    description:
      'An exact decimal: a JSON number with all its digits, which may be more than a double holds; with `X-Amount-Format: string` a canonical decimal string.',
    anyOf: [{ type: 'number' }, { type: 'string', pattern: CANONICAL_DECIMAL }],
  },
  Timestamp: {
    description: 'UTC with milliseconds',
    type: 'string',
    format: 'date-time',
    pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$',
  },
  TimestampInput: {
    description: 'An ISO 8601 date (00:00Z) or date-time (no zone = UTC)',
    type: 'string',
    anyOf: [{ format: 'date' }, { format: 'date-time' }],
  },
  Metadata: {
    description: 'An object of your own: at most 16 KiB, 16 levels, integers within ±(2⁵³−1)',
    type: 'object',
    additionalProperties: true,
  },
  Problem: {
    type: 'object',
    required: ['success', 'statusCode', 'error', 'code', 'message', 'requestId', 'docs'],
    properties: {
      success: { type: 'boolean', const: false },
      statusCode: { type: 'integer' },
      error: { type: 'string', description: 'The reason phrase of the status' },
      code: { type: 'string', description: 'Stable: decide by it, never by the message' },
      message: { type: 'string', description: 'For people: what to do' },
      details: {
        type: 'array',
        items: {
          type: 'object',
          required: ['path', 'message'],
          properties: {
            path: { type: 'string', description: 'JSON pointer into body, query or path' },
            message: { type: 'string' },
          },
        },
      },
      requestId: { type: 'string' },
      docs: { type: 'string', format: 'uri' },
      retryAfterSeconds: { type: 'integer', minimum: 1 },
    },
  },
}

/** A field's schema as plain JSON Schema: the `x-…` keywords of `field.ts` become references to `componentSchemas`. */
export function jsonSchemaOf(schema: object, direction: Direction): Json {
  return plain(schema, direction)
}

/** True when an answer of that schema holds an amount anywhere. */
export function usesAmounts(schema: object): boolean {
  if ('x-amount' in schema) return true
  return Object.values(schema).some(
    (value) => typeof value === 'object' && value !== null && usesAmounts(value),
  )
}

function plain(node: unknown, direction: Direction): Json {
  if (Array.isArray(node)) return node.map((item) => plain(item, direction))
  if (typeof node !== 'object' || node === null) return node as Json // schemas are JSON by construction
  const reference = referenceOf(node, direction)
  if (reference !== undefined) return { $ref: `#/components/schemas/${reference}` }
  const copy: Record<string, Json> = {}
  for (const [name, value] of Object.entries(node)) {
    if (name === 'x-secret') copy.format = 'password'
    else if (name === 'x-each') copy.description = 'Validated one by one: a bad item fails alone'
    else if (!name.startsWith('x-')) copy[name] = plain(value, direction)
  }
  if ('x-each' in node) Object.assign(copy, plain(node['x-each'], direction))
  return constantsAsEnum(copy)
}

function referenceOf(node: object, direction: Direction): string | undefined {
  if ('x-amount' in node) {
    if (direction === 'answer') return 'Amount'
    return node['x-amount'] === 'delta' ? 'DeltaInput' : 'BalanceInput'
  }
  if ('x-instant' in node) return direction === 'answer' ? 'Timestamp' : 'TimestampInput'
  return 'x-metadata' in node ? 'Metadata' : undefined
}

/** A union of literals reads better as an enumeration, and generators understand it. */
function constantsAsEnum(schema: Record<string, Json>): Json {
  const branches = schema.anyOf
  if (!Array.isArray(branches) || !branches.every(isTextConstant)) return schema
  const { anyOf: _anyOf, ...rest } = schema
  return { ...rest, type: 'string', enum: branches.map((branch) => branch.const) }
}

function isTextConstant(branch: unknown): branch is { const: string } {
  return (
    typeof branch === 'object' && branch !== null && 'const' in branch && typeof branch.const === 'string'
  )
}
