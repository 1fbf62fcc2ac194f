/**
 * The API reference as the page needs it, made from the committed OpenAPI documents when the dashboard is built: a tenth of
 * their size, since every answer of theirs repeats the envelope and each refusal its schema.
 */

/** A parameter, or a member of a body or an answer. */
export interface ReferenceMember {
  /** With the way to it: `deltas[].amount`. */
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  readonly description: string
}

/** One route of the API. */
export interface Operation {
  readonly id: string
  /** `POST` */
  readonly method: string
  /** With its parameters in braces. */
  readonly path: string
  readonly group: string
  readonly summary: string
  readonly description: string
  readonly credential: 'apiKey' | 'bearer' | 'none'
  readonly parameters: readonly (ReferenceMember & { readonly place: string })[]
  readonly body: readonly ReferenceMember[]
  /** A body with what is required, as it may be sent; undefined where none is taken. */
  readonly example?: unknown
  readonly status: number
  /** Of the success: `data` of the envelope, or the bare answer. */
  readonly answer: readonly ReferenceMember[]
  readonly contentTypes: readonly string[]
  readonly problems: readonly { readonly code: string; readonly status: number }[]
}

/** OpenAPI and JSON Schema as far as our documents go. They are ours: nothing in them is attacker-controlled. */
interface Schema {
  readonly $ref?: string
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly description?: string
  readonly pattern?: string
}
interface Media {
  readonly schema?: Schema
}
type Contents = Readonly<Record<string, Media>>
interface OpenApiOperation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly security?: readonly Readonly<Record<string, unknown>>[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly description?: string
    readonly schema?: Schema
  }[]
  readonly requestBody?: { readonly content: Contents }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Contents }>>
}
export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

/** How far down members are listed. */
const DEPTH_MAX = 4

/** Every operation of a document, in its order. */
export function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationOf(document, path, method, operation)),
  )
}

function operationOf(
  document: OpenApiDocument,
  path: string,
  method: string,
  operation: OpenApiOperation,
): Operation {
  const [status, success] = Object.entries(operation.responses).find(([code]) => code.startsWith('2')) ?? []
  if (status === undefined || success === undefined)
    throw new Error(`${operation.operationId} has no success`)
  const body = operation.requestBody?.content['application/json']?.schema
  const answer = success.content?.['application/json']?.schema
  const names = Object.keys(operation.security?.[0] ?? {})
  return {
    id: operation.operationId,
    method: method.toUpperCase(),
    path,
    group: operation.tags?.[0] ?? 'other',
    summary: operation.summary,
    description: operation.description ?? '',
    credential: names.includes('apiKey') ? 'apiKey' : names.includes('bearer') ? 'bearer' : 'none',
    parameters: (operation.parameters ?? []).map((parameter) => ({
      name: parameter.name,
      place: parameter.in,
      type: typeText(document, parameter.schema ?? {}),
      isRequired: parameter.required ?? false,
      description: parameter.description ?? descriptionOf(document, parameter.schema ?? {}),
    })),
    body: body === undefined ? [] : membersOf(document, body),
    ...(body !== undefined && { example: exampleOf(document, body, '') }),
    status: Number(status),
    answer: answer === undefined ? [] : membersOf(document, answer.properties?.data ?? answer),
    contentTypes: Object.keys(success.content ?? {}),
    problems: problemsOf(operation),
  }
}

/** The codes of each refusal; a response's description lists them, separated by commas. */
function problemsOf({ responses }: OpenApiOperation): Operation['problems'] {
  return Object.entries(responses)
    .filter(([status]) => !status.startsWith('2'))
    .flatMap(([status, { description }]) =>
      description.split(', ').map((code) => ({ code, status: Number(status) })),
    )
}

function resolve(document: OpenApiDocument, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema
  const target = document.components.schemas[schema.$ref.slice('#/components/schemas/'.length)]
  if (target === undefined) throw new Error(`${schema.$ref} is not in the document`)
  return resolve(document, target)
}

/** Members with those below them, each with the way to it. */
function membersOf(document: OpenApiDocument, schema: Schema, prefix = '', depth = 1): ReferenceMember[] {
  const { properties = {}, required = [] } = resolve(document, withoutNull(schema))
  return Object.entries(properties).flatMap(([name, member]) => {
    const whole = `${prefix}${name}`
    const row = {
      name: whole,
      type: typeText(document, member),
      isRequired: required.includes(name),
      description: descriptionOf(document, member),
    }
    if (depth === DEPTH_MAX) return [row]
    const inner = resolve(document, withoutNull(member))
    const below =
      inner.items === undefined
        ? membersOf(document, inner, `${whole}.`, depth + 1)
        : membersOf(document, inner.items, `${whole}[].`, depth + 1)
    return [row, ...below]
  })
}

/** What stands beside `null` in a choice of two. */
function withoutNull(schema: Schema): Schema {
  const others = schema.anyOf?.filter(({ type }) => type !== 'null') ?? []
  return others.length === 1 && others[0] !== undefined ? others[0] : schema
}

function descriptionOf(document: OpenApiDocument, schema: Schema): string {
  return schema.description ?? resolve(document, withoutNull(schema)).description ?? ''
}

function typeText(document: OpenApiDocument, schema: Schema): string {
  const { const: only, enum: values, anyOf, items, type = 'any' } = resolve(document, schema)
  if (only !== undefined) return JSON.stringify(only)
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' | ')
  if (anyOf !== undefined) return [...new Set(anyOf.map((one) => typeText(document, one)))].join(' | ')
  if (items !== undefined) {
    const text = typeText(document, items)
    return text.includes(' ') ? `(${text})[]` : `${text}[]`
  }
  return type
}

/** Values that say more than their type does. */
const EXAMPLES: Readonly<Record<string, unknown>> = {
  customerId: 'customer_001',
  delta: -250,
  reason: 'seat charge',
  yourBalance: -250,
  theirBalance: -250,
  url: 'https://example.com/webhooks/pacspace',
  email: 'ada@example.com',
  name: 'billing service',
  displayName: 'Northwind Traders',
  since: '2026-01-01T00:00:00.000Z',
  content: 'what both sides know',
  key: 'meter_7',
  accountId: 'customer_001',
  bits: 12,
}

/** A value that fits: of an object the required members. */
function exampleOf(document: OpenApiDocument, schema: Schema, name: string): unknown {
  if (name in EXAMPLES) return EXAMPLES[name]
  const {
    const: only,
    enum: values,
    anyOf,
    items,
    type,
    properties,
    required = [],
  } = resolve(document, schema)
  if (only !== undefined) return only
  if (values !== undefined) return values[0]
  if (anyOf?.[0] !== undefined) return exampleOf(document, anyOf[0], name)
  if (items !== undefined) return [exampleOf(document, items, '')]
  if (properties !== undefined || type === 'object') {
    return Object.fromEntries(
      required.map((member) => [member, exampleOf(document, properties?.[member] ?? {}, member)]),
    )
  }
  if (type === 'integer' || type === 'number') return 1
  return type === 'boolean' ? true : '…'
}
