import { Type } from './schema.ts'

/** The one word used inside the code; the other spellings exist on the wire only (product.md §1). */
export type Environment = 'sandbox' | 'production'

export const environments: readonly Environment[] = ['sandbox', 'production']

/** How each surface spells an environment: contracts, API keys, chain id (`X-Chain-Id`). */
export interface EnvironmentSpelling {
  readonly contract: 'testnet' | 'mainnet'
  readonly key: 'test' | 'live'
  readonly chainId: 296 | 295
  /** As a person reads it in messages. */
  readonly title: 'Sandbox' | 'Production'
}

export const spelling: Readonly<Record<Environment, EnvironmentSpelling>> = {
  sandbox: { contract: 'testnet', key: 'test', chainId: 296, title: 'Sandbox' },
  production: { contract: 'mainnet', key: 'live', chainId: 295, title: 'Production' },
}

/** The environment that provisioning calls `testnet` or `mainnet`. */
export function environmentOfContract(contract: 'testnet' | 'mainnet'): Environment {
  return contract === 'mainnet' ? 'production' : 'sandbox'
}

/** The environment that an API key prefix calls `test` or `live`. */
export function environmentOfKey(key: 'test' | 'live'): Environment {
  return key === 'live' ? 'production' : 'sandbox'
}

export const EnvironmentName = Type.Union([Type.Literal('sandbox'), Type.Literal('production')])
export const ContractEnvironment = Type.Union([Type.Literal('testnet'), Type.Literal('mainnet')])
export const KeyEnvironment = Type.Union([Type.Literal('test'), Type.Literal('live')])
