import assert from 'node:assert/strict'
import { it } from 'node:test'
import { environmentOfContract, environmentOfKey, environments, spelling } from './environment.ts'

it('the three wire spellings are those of product.md §1', () => {
  const { sandbox, production } = spelling
  assert.deepEqual([sandbox.contract, sandbox.key, sandbox.chainId], ['testnet', 'test', 296])
  assert.deepEqual([production.contract, production.key, production.chainId], ['mainnet', 'live', 295])
})

it('each spelling leads back to its environment', () => {
  for (const environment of environments) {
    assert.equal(environmentOfContract(spelling[environment].contract), environment)
    assert.equal(environmentOfKey(spelling[environment].key), environment)
  }
})
