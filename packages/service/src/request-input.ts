import type { EndpointShape } from '@pacspace/api/endpoint'
import { isRawBody } from '@pacspace/api/field'
import { validationProblem } from '@pacspace/api/problem'
import type { TObject, TSchema } from 'typebox'
import { isCleanText, parseExactJson, UNCLEAN_TEXT } from './exact-json.ts'
import { compileValidator, type Validator, validated } from './validation.ts'

/** What a handler gets as `input`. */
export interface Input {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

/** Reads the input of one endpoint from the parts of a request, all attacker-controlled. Raises VALIDATION_ERROR. */
export type InputReader = (
  params: Readonly<Record<string, string>>,
  url: string,
  bytes: Buffer | undefined,
) => Input

const NOTHING = Object.freeze({})

/** Compiles the schemas of a definition. Path parameters first, then the query, then the body. */
export function inputReader(definition: EndpointShape): InputReader {
  const params = definition.params && compileValidator(definition.params)
  const query = definition.query && queryReader(definition.query)
  const body = definition.body && bodyReader(definition.body)
  return (rawParams, url, bytes) => ({
    params: params === undefined ? NOTHING : readParams(params, rawParams),
    query: query === undefined ? NOTHING : query(url),
    body: body === undefined ? undefined : body(bytes ?? Buffer.alloc(0)),
  })
}

/** Where no field is required, no body at all is the empty object (product.md §2: a route that needs no body). */
function bodyReader(schema: TSchema): (bytes: Buffer) => unknown {
  if (isRawBody(schema)) return (bytes) => bytes
  const validator = compileValidator(schema)
  const needsNone = 'properties' in schema && !('required' in schema)
  return (bytes) => validated(validator, needsNone && bytes.length === 0 ? {} : parseExactJson(bytes))
}

function readParams(validator: Validator<unknown>, raw: Readonly<Record<string, string>>): unknown {
  for (const name in raw) {
    if (!isCleanText(raw[name] ?? '')) throw validationProblem(`/${name}`, UNCLEAN_TEXT)
  }
  return validated(validator, raw)
}

function queryReader(schema: TObject): (url: string) => unknown {
  const validator = compileValidator(schema)
  const types = new Map(
    Object.entries(schema.properties).map(([name, field]) => [
      name,
      'type' in field ? field.type : undefined,
    ]),
  )
  return (url) => {
    const start = url.indexOf('?')
    const fields: Record<string, unknown> = Object.create(null)
    if (start >= 0) readQuery(url.slice(start + 1), fields, types)
    return validated(validator, fields)
  }
}

function readQuery(text: string, fields: Record<string, unknown>, types: ReadonlyMap<string, unknown>): void {
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decode(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1))
    if (name in fields) throw validationProblem(`/${name}`, 'must be given once')
    fields[name] = coerce(value, types.get(name))
  }
}

function decode(text: string): string {
  let decoded: string
  try {
    decoded = decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw validationProblem('', 'query string is not valid percent-encoded UTF-8')
  }
  if (!isCleanText(decoded)) throw validationProblem('', `query string ${UNCLEAN_TEXT}`)
  return decoded
}

/** Whole numbers and booleans in their one spelling; anything else stays text, which the schema then refuses. */
function coerce(value: string, type: unknown): unknown {
  if (type === 'integer' && /^-?\d{1,15}$/.test(value)) return Number(value)
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  return value
}
