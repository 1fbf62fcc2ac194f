import type * as typebox from 'typebox'

/** The constructors of typebox that our definitions use. */
type Constructors = Pick<
  typeof typebox.Type,
  | 'Array'
  | 'Boolean'
  | 'Integer'
  | 'Literal'
  | 'Null'
  | 'Object'
  | 'Optional'
  | 'String'
  | 'Union'
  | 'Unknown'
  | 'Unsafe'
>
type Schema = Readonly<Record<string, unknown>>

/** typebox's mark of an optional member, which no copy takes along and no JSON shows. */
const OPTIONAL = '~optional'

function objectOf(properties: Readonly<Record<string, Schema>>, options?: object): Schema {
  const required = Object.keys(properties).filter((name) => !Object.hasOwn(properties[name] ?? {}, OPTIONAL))
  return { type: 'object', ...(required.length > 0 && { required }), properties, ...options }
}

function optionalOf(schema: Schema): Schema {
  return Object.defineProperty({ ...schema }, OPTIONAL, { value: true })
}

const constructors = {
  Array: (items: Schema, options?: object): Schema => ({ type: 'array', items, ...options }),
  Boolean: (options?: object): Schema => ({ type: 'boolean', ...options }),
  Integer: (options?: object): Schema => ({ type: 'integer', ...options }),
  Literal: (value: string | number | boolean, options?: object): Schema => ({
    type: typeof value,
    const: value,
    ...options,
  }),
  Null: (options?: object): Schema => ({ type: 'null', ...options }),
  Object: objectOf,
  Optional: optionalOf,
  String: (options?: object): Schema => ({ type: 'string', ...options }),
  Union: (anyOf: readonly Schema[], options?: object): Schema => ({ anyOf, ...options }),
  Unknown: (options?: object): Schema => ({ ...options }),
  Unsafe: (schema: Schema): Schema => ({ ...schema }),
}

/**
 * JSON Schemas and their static types, as typebox has them. Its types are used and its code is not: typebox is 373 modules
 * of which these constructors need none, and reading them was a fifth of the start of every process. `schema.test.ts` holds each against
 * typebox's own.
 */
export const Type = constructors as unknown as Constructors // the same schemas: see the test
