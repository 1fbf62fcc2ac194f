import type { Environment } from '@pacspace/api/environment'
import { productionLock } from '../api/environment.ts'
import type { Me } from '../api/session.ts'
import { paths } from '../paths.ts'

/** One step of the recommended set-up flow (environments page, product.md §7). */
export interface SetUpStep {
  readonly title: string
  readonly isDone: boolean
  /** What to do, while it is not done. */
  readonly text: string
  readonly link?: { readonly text: string; readonly to: string }
}

interface SeenKey {
  readonly environment: 'test' | 'live'
  readonly lastUsedAt: string | null
  readonly revokedAt: string | null
}

/** True while an environment has keys, and none of them was used yet. */
export function isUseAwaited(keys: readonly SeenKey[]): boolean {
  return (['test', 'live'] as const).some((name) => {
    const living = keys.filter((key) => key.environment === name && key.revokedAt === null)
    return living.length > 0 && living.every((key) => key.lastUsedAt === null)
  })
}

/** The steps in their order, each with whether it is done. Pure. */
export function setUpSteps(me: Me, keys: readonly SeenKey[], environment: Environment): SetUpStep[] {
  const living = keys.filter((key) => key.revokedAt === null)
  const isUsed = (name: 'test' | 'live') =>
    keys.some((key) => key.environment === name && key.lastUsedAt !== null)
  const lock = productionLock(me)
  return [
    {
      title: 'Verify your e-mail address',
      isDone: me.isVerified,
      text: `A mail with a link is on its way to ${me.email}.`,
    },
    {
      title: 'Create a Sandbox key',
      isDone: living.some((key) => key.environment === 'test'),
      text: 'The Sandbox is free and set up already.',
      link: { text: 'Create a Sandbox key', to: paths.keys('sandbox') },
    },
    {
      title: 'Build and test',
      isDone: isUsed('test'),
      text: 'Send your first delta with the key. This step is done when the key was used.',
      link: { text: 'Open the quick start', to: paths.quickStart('sandbox') },
    },
    {
      title: 'Upgrade your plan',
      isDone: me.plan.tier !== 'free',
      text: 'Production comes with Pilot and above.',
      link: { text: 'See the plans', to: paths.billing(environment) },
    },
    {
      title: 'Activate Production',
      isDone: lock === undefined,
      text: 'One click; it takes a few seconds.',
      link: { text: 'Activate in Settings', to: paths.settings(environment) },
    },
    {
      title: 'Create a Production key',
      isDone: living.some((key) => key.environment === 'live'),
      text: 'It works in Production only, as the Sandbox key works in the Sandbox only.',
      ...(lock === undefined && { link: { text: 'Create a Production key', to: paths.keys('production') } }),
    },
    {
      title: 'Go live',
      isDone: isUsed('live'),
      text: 'Switch to Production above, and use the Production key in your servers.',
    },
  ]
}
