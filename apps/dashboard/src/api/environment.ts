import type { Environment } from '@pacspace/api/environment'
import { useParams } from '@tanstack/react-router'
import type { Me } from './session.ts'

/** What the wire of contracts calls them. */
const contractNames: Readonly<Record<Environment, 'testnet' | 'mainnet'>> = {
  sandbox: 'testnet',
  production: 'mainnet',
}

/** The environment that the URL names: the only place that says which data is on screen. */
export function useEnvironment(): Environment {
  const { environment } = useParams({ strict: false })
  return environment === 'production' ? 'production' : 'sandbox'
}

/** Why Production is not to be had: the plan has none, or it is paid for and not activated yet. Undefined when it is active. */
export type ProductionLock = 'plan' | 'activation'

/** See `ProductionLock`. */
export function productionLock(me: Me): ProductionLock | undefined {
  if (
    me.environments.some((one) => one.environment === contractNames.production && one.status === 'active')
  ) {
    return undefined
  }
  return me.plan.tier === 'free' ? 'plan' : 'activation'
}

/** The environment that a user works in: the preference, but Sandbox until Production is active. */
export function workingEnvironment(me: Me): Environment {
  return productionLock(me) === undefined ? me.preferredEnvironment : 'sandbox'
}
