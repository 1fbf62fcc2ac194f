import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { customerReference } from './customer-reference.ts'

test('a customer reference is 0x and the first 40 digits of the hash of domain, tenant and customer', () => {
  const bytes = Buffer.concat([Buffer.from('pacspace:customer:v1\0tnt_1\0cust_77', 'latin1')])
  assert.equal(customerReference('tnt_1', 'cust_77'), `0x${hash('sha256', bytes, 'hex').slice(0, 40)}`)
  assert.equal(customerReference('tnt_1', 'cust_77'), '0x1866dc339fdd8194042db1d1eece1ebe64f75707')
})

test('no other pair of ids has the same reference', () => {
  const references = new Set([
    customerReference('tnt_1', 'a'),
    customerReference('tnt_1a', ''),
    customerReference('tnt_', '1a'),
    customerReference('tnt_2', 'a'),
  ])
  assert.equal(references.size, 4)
})
