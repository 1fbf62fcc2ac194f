import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { customerIdOf } from './customer-id.ts'

/** Reads a name back from its id, as the docstring promises can be done. */
function nameOf(id: string): string {
  if (!id.startsWith('x:')) return id
  const bytes = id
    .slice(2)
    .replace(/:([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0)))
}

test('a valid id stays as it is', () => {
  for (const id of ['ABE', 'cust_77', 'eu:cust.77-b', '...', 'Summary', 'a'.repeat(128)]) {
    assert.equal(customerIdOf(id), id)
  }
})

test('anything else becomes an id that can still be read', () => {
  assert.equal(customerIdOf('Acme Ltd.'), 'x:Acme:20Ltd.')
  assert.equal(customerIdOf('Café'), 'x:Caf:C3:A9')
  assert.equal(customerIdOf('a/b'), 'x:a:2Fb')
})

test('names that the API keeps for itself, and those that look escaped already, are escaped', () => {
  assert.equal(customerIdOf('.'), 'x:.')
  assert.equal(customerIdOf('..'), 'x:..')
  assert.equal(customerIdOf('summary'), 'x:summary')
  assert.equal(customerIdOf('x:a'), 'x:x:3Aa')
})

test('an id that would be too long is refused, not cut', () => {
  assert.equal(customerIdOf(' '.repeat(42))?.length, 128)
  assert.equal(customerIdOf(' '.repeat(43)), undefined)
  assert.equal(customerIdOf('a'.repeat(129)), undefined)
})

test('every id is valid, and its name can be read back: two names never become one customer', () => {
  const names = fc.oneof(
    fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }),
    fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom('x', ':', '2', '0', '.', ' ') }),
  )
  fc.assert(
    fc.property(names, (name) => {
      const id = customerIdOf(name)
      if (id === undefined) return
      assert.match(id, /^(?!\.{1,2}$|summary$)[A-Za-z0-9_.:-]{1,128}$/)
      assert.equal(nameOf(id), name)
    }),
    { numRuns: 2_000 },
  )
})
