import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type as TypeOfTypebox } from 'typebox'
import { Type } from './schema.ts'

/** Schemas of every constructor and of what they are combined to, by whichever library. */
function schemasOf(make: typeof Type) {
  const options = { description: 'told' }
  const text = make.String({ minLength: 1, ...options })
  return [
    [
      make.String(),
      text,
      make.Boolean(),
      make.Boolean(options),
      make.Integer({ minimum: 1 }),
      make.Null(),
      make.Unknown(),
      make.Unknown(options),
    ],
    [make.Literal('a'), make.Literal(''), make.Literal(3), make.Literal(true), make.Literal('a', options)],
    [
      make.Array(text),
      make.Array(make.Integer(), { maxItems: 3 }),
      make.Union([make.Null(), text]),
      make.Union([make.Literal(1)], options),
    ],
    [make.Unsafe<string>({ type: 'string', pattern: 'x' }), make.Unsafe<string>(text), make.Optional(text)],
    [
      make.Object({}),
      make.Object({ a: text }),
      make.Object({ a: make.Optional(text) }),
      make.Object({ b: make.Optional(text), a: text }),
    ],
    [
      make.Object({
        a: make.Optional(make.Unsafe({ type: 'null' })),
        b: make.Union([make.Optional(text), make.Null()]),
      }),
    ],
    [
      make.Object(
        { in: make.Object({ a: make.Optional(make.Array(text)) }, options), z: make.Boolean() },
        { additionalProperties: false },
      ),
    ],
  ]
}

test('every constructor makes the schema that typebox makes, member for member in its order', () => {
  assert.equal(
    JSON.stringify(schemasOf(Type), undefined, 1),
    JSON.stringify(schemasOf(TypeOfTypebox), undefined, 1),
  )
})

test('nothing is made optional in place, and nothing optional by being beside it', () => {
  const text = Type.String()
  const both = Type.Object({ a: Type.Optional(text), b: text })
  assert.deepEqual(Reflect.get(both, 'required'), ['b'])
})

test('what one library calls optional is so in an object of the other', () => {
  for (const [one, other] of [
    [Type, TypeOfTypebox],
    [TypeOfTypebox, Type],
  ] as const)
    assert.ok(!('required' in one.Object({ a: other.Optional(other.String()) })))
})
