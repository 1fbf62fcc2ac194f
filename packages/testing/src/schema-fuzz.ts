import type { EndpointShape } from '@pacspace/api/endpoint'
import type { SeededRandom } from './seeded-random.ts'
import type { TestCall } from './test-client.ts'

/** What calls are made of. */
export interface FuzzWorld {
  readonly random: SeededRandom
  /** Texts that mean something to the service: ids, customers, references, hashes. Answers may add to them. */
  readonly known: readonly string[]
}

/** Share of values that are made by their schema; the others are of another type, or out of bounds. */
const GOOD_SHARE = 0.93
const KNOWN_SHARE = 0.6
const OPTIONAL_SHARE = 0.4

/** A schema as far as making a value is concerned. */
interface Node {
  readonly type?: unknown
  readonly const?: unknown
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Node>>
  readonly items?: Node
  readonly anyOf?: readonly Node[]
}

/** A call of an endpoint, made by its schemas (TypeBox as JSON Schema) and spoiled now and then. Without credentials. */
export function fuzzedCall({ params, query, body }: EndpointShape, world: FuzzWorld): TestCall {
  const texts = (schema: Node | undefined) =>
    Object.entries(objectOf(schema ?? {}, world, 0)).map(([name, value]) => [name, textOf(value)] as const)
  return {
    // An empty segment is another path.
    params: Object.fromEntries(texts(params).map(([name, value]) => [name, value === '' ? '-' : value])),
    query: Object.fromEntries(texts(query)),
    ...(body !== undefined && { body: wellFormed(fuzzedValue(body, world, 0)) }),
  }
}

function textOf(value: unknown): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.toWellFormed()
}

/** JSON text of anything, so that what JSON cannot say is sent as the text that it is. */
function wellFormed(value: unknown): string {
  return JSON.stringify(value) ?? 'undefined'
}

function fuzzedValue(schema: Node, world: FuzzWorld, depth: number): unknown {
  const { random } = world
  if (random.next() > GOOD_SHARE) return random.pick(ODD_VALUES)
  if ('const' in schema) return schema.const
  if (schema.anyOf !== undefined) return fuzzedValue(random.pick(schema.anyOf), world, depth)
  if ('x-amount' in schema) return random.pick(AMOUNTS)
  if ('x-metadata' in schema) return random.pick(METADATA)
  if ('x-instant' in schema) return random.pick(INSTANTS)
  if (schema.properties !== undefined) return objectOf(schema, world, depth)
  switch (schema.type) {
    case 'array':
      return Array.from({ length: random.integer(4) }, () =>
        fuzzedValue(schema.items ?? {}, world, depth + 1),
      )
    case 'integer':
    case 'number':
      return numberOf(schema, random)
    case 'boolean':
      return random.pick([true, false])
    case 'null':
      return null
    case 'string':
      return stringOf(schema, world)
    default:
      return random.pick(ODD_VALUES)
  }
}

function objectOf(schema: Node, world: FuzzWorld, depth: number): Record<string, unknown> {
  const { random } = world
  const made: [string, unknown][] = []
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    const isRequired = schema.required?.includes(name) ?? false
    const share = isRequired ? GOOD_SHARE : OPTIONAL_SHARE
    if (random.next() < share) made.push([name, fuzzedValue(member, world, depth + 1)])
  }
  if (random.next() > GOOD_SHARE) made.push([random.pick(ODD_NAMES), random.pick(ODD_VALUES)])
  return Object.fromEntries(made)
}

function numberOf({ minimum = -1_000, maximum = 1_000 }: Node, random: SeededRandom): number {
  const between = minimum + random.integer(Math.min(maximum - minimum + 1, 1_000))
  return random.pick([minimum, maximum, between, between, between, minimum - 1, maximum + 1])
}

function stringOf({ pattern, minLength = 0, maxLength = 64 }: Node, { random, known }: FuzzWorld): string {
  const wanted = pattern === undefined ? known : known.filter((text) => new RegExp(pattern, 'u').test(text))
  if (wanted.length > 0 && random.next() < KNOWN_SHARE) return random.pick(wanted)
  const length = random.pick([minLength, maxLength, maxLength + 1, minLength + random.integer(20)])
  return Array.from({ length: Math.min(length, 2_000) }, () => random.pick(CHARACTERS)).join('')
}

const CHARACTERS = [
  ...'aZ09_-.:',
  ' ',
  'é',
  '漢',
  '🙂',
  '"',
  '\\',
  '/',
  '%',
  "'",
  '<',
  '\u0000',
  '\u202e',
  '\ud800',
]
const AMOUNTS: readonly unknown[] = [
  1,
  -1,
  0.1,
  '0.000000000001',
  -250.75,
  999_999_999,
  0,
  1e10,
  '1,5',
  '-0',
  '1e3',
  'NaN',
]
const INSTANTS = [
  '2026-01-31T23:59:59.999Z',
  '2026-02-29',
  '2026-11-25',
  '0000-00-00',
  '9999-12-31T23:59:59Z',
  '2026-01-01T00:00:00+14:00',
  'now',
]
const METADATA: readonly unknown[] = [
  {},
  { a: 1 },
  { a: { b: [1, 'é', null] } },
  { '\ud800': '\udfff' },
  { n: 1e300 },
  { ['__proto__']: 1 },
]
const ODD_VALUES: readonly unknown[] = [
  null,
  '',
  ' ',
  0,
  -1,
  1.5,
  2 ** 53,
  1e308,
  true,
  [],
  [[]],
  {},
  { $ne: null },
  'a'.repeat(1_000),
  '\u0000',
  '\ud800',
  '../../etc/passwd',
  "' or 1=1 --",
  '%00',
]
const ODD_NAMES = ['__proto__', 'constructor', 'tenantId', 'role', '', 'ünknown']
