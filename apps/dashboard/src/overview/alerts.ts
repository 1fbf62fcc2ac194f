import type { Environment } from '@pacspace/api/environment'
import type { Me } from '../api/session.ts'
import { paths } from '../paths.ts'
import type { Summary, Usage, WebhookEndpoint } from './overview-queries.ts'

/** Something that is wrong, and where one does something about it. */
export interface Alert {
  readonly key: string
  readonly title: string
  readonly text: string
  readonly link?: { readonly to: string; readonly text: string; readonly search?: Record<string, string> }
}

/** What is known of a tenant's environment; what has not been answered is left out. */
export interface Known {
  readonly environment: Environment
  readonly me: Pick<Me, 'environments'>
  readonly summary: Pick<Summary, 'verificationHealth'> | undefined
  readonly usage: Pick<Usage, 'tier' | 'includedDeltas' | 'remainingDeltas' | 'overageCount'> | undefined
  readonly webhooks: readonly Pick<WebhookEndpoint, 'id' | 'url' | 'disabledReason' | 'failingSince'>[]
}

/** From this share of the allowance on it is said, as the mail about it is (product.md §6 `usage.threshold`). */
const THRESHOLD = 0.8

/** What is wrong, worst first. Pure. */
export function alertsOf(known: Known): Alert[] {
  return [...ofVerification(known), ...ofWebhooks(known), ...ofUsage(known), ...ofEnvironments(known)]
}

function ofVerification({ environment, summary }: Known): Alert[] {
  switch (summary?.verificationHealth) {
    case 'failed':
      return [
        {
          key: 'failed',
          title: 'A stored delta was found damaged',
          text: 'It reads FAILED, and what came after it waits. Restored from a backup it becomes verified again; nothing was skipped.',
          link: { to: paths.deltas(environment), text: 'See the delta', search: { status: 'FAILED' } },
        },
      ]
    case 'blocked':
      return [
        {
          key: 'blocked',
          title: 'Verification is stopped: the log is behind its anchor',
          text: 'The database is older than what was anchored, as after a restored backup. Whoever runs this installation brings back the missing part; writes wait until then.',
        },
      ]
    default:
      return []
  }
}

function ofWebhooks({ environment, webhooks }: Known): Alert[] {
  return webhooks.flatMap(({ id, url, disabledReason, failingSince }) => {
    const link = { to: paths.webhook(environment, id), text: 'Open the endpoint' }
    if (disabledReason !== null) {
      const why = disabledReason === 'gone' ? 'It answered 410.' : 'It failed for five days.'
      return [
        {
          key: id,
          title: `Events no longer go to ${url}`,
          text: `${why} Enable it, and recover what it missed.`,
          link,
        },
      ]
    }
    if (failingSince === null) return []
    const text = 'Deliveries are tried again by themselves. See what it answers.'
    return [{ key: id, title: `Deliveries to ${url} fail`, text, link }]
  })
}

function ofUsage({ environment, usage }: Known): Alert[] {
  if (usage === undefined || usage.includedDeltas === null || usage.remainingDeltas === null) return []
  const { includedDeltas, remainingDeltas, overageCount, tier } = usage
  const used = includedDeltas - remainingDeltas
  if (includedDeltas === 0 || used < includedDeltas * THRESHOLD) return []
  const link = { to: paths.billing(environment), text: 'See usage and plans' }
  if (remainingDeltas > 0) {
    const percent = Math.floor((used / includedDeltas) * 100)
    const text =
      tier === 'free'
        ? 'When it is used up, writes are refused; reading stays free.'
        : 'What goes beyond is charged by the delta; nothing stops.'
    return [{ key: 'usage', title: `${percent} % of your allowance is used`, text, link }]
  }
  return tier === 'free'
    ? [
        {
          key: 'usage',
          title: 'Your allowance is used up',
          text: 'Writes are refused until you upgrade. Reading stays free.',
          link,
        },
      ]
    : [
        {
          key: 'usage',
          title: 'Your allowance is used up',
          text: `${overageCount} deltas go beyond it and are charged one by one; nothing stops.`,
          link,
        },
      ]
}

function ofEnvironments({ environment, me }: Known): Alert[] {
  return me.environments
    .filter((one) => one.status === 'error')
    .map((one) => ({
      key: one.environment,
      title: `Setting up ${one.environment === 'mainnet' ? 'Production' : 'the Sandbox'} failed`,
      text: 'It can be started again safely.',
      link: { to: paths.settings(environment), text: 'Open Settings' },
    }))
}
