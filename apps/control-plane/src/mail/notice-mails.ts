import { type Environment, spelling } from '@pacspace/api/environment'
import { asName, type MailText, mailOf } from './mail-body.ts'

interface Notice {
  readonly firstName: string
  readonly publicUrl: string
}

export interface KeyNotice {
  readonly change: 'created' | 'rotated' | 'revoked'
  readonly keyName: string
  /** `pk_test_PUBLIC`: names the key, opens nothing. */
  readonly publicKey: string
  readonly environment: Environment
  /** Name of the person who did it. */
  readonly by: string
}

/** Told to owners, and to whoever did it, about every key (check A-17). */
export function keyMail({ firstName, publicUrl, ...key }: Notice & KeyNotice): MailText {
  const { title } = spelling[key.environment]
  return mailOf({
    subject: `A PacSpace API key was ${key.change}`,
    firstName,
    blocks: [
      `An API key for ${title} was ${key.change}.`,
      {
        facts: {
          Key: key.publicKey,
          Name: asName(key.keyName, 'not shown'),
          Environment: title,
          By: asName(key.by, 'a member of your team'),
        },
      },
      'If nobody in your team did this, revoke the key and change your passwords.',
      { label: 'API keys', link: `${publicUrl}/${key.environment}/api-keys` },
    ],
  })
}

export interface WebhookNotice {
  readonly change: 'created' | 'secret_rotated' | 'deleted' | 'disabled' | 'gone'
  /** `wh_…` */
  readonly endpointId: string
  readonly environment: Environment
  /** Name of the person who did it; null where we did. */
  readonly by: string | null
}

const WEBHOOK_WORDS: Readonly<Record<WebhookNotice['change'], string>> = {
  created: 'was created',
  secret_rotated: 'has a new secret',
  deleted: 'was deleted',
  disabled: 'was disabled: nothing but failures for too long. Enable it again once it answers',
  gone: 'was disabled: it answered 410 Gone. Enable it again once it answers',
}

/** Told to owners, and to whoever did it, about every webhook secret, and about endpoints that we gave up. */
export function webhookMail({ firstName, publicUrl, ...webhook }: Notice & WebhookNotice): MailText {
  const { title } = spelling[webhook.environment]
  const words = WEBHOOK_WORDS[webhook.change]
  return mailOf({
    subject: `A PacSpace webhook endpoint ${words.split(':')[0]}`,
    firstName,
    blocks: [
      `The webhook endpoint ${webhook.endpointId} in ${title} ${words}.`,
      ...(webhook.by === null ? [] : [`Done by ${asName(webhook.by, 'a member of your team')}.`]),
      { label: 'Webhooks', link: `${publicUrl}/${webhook.environment}/webhooks` },
    ],
  })
}

export interface UsageNotice {
  readonly percent: 80 | 100
  /** Verified deltas that the plan includes. */
  readonly included: number
  /** What happens beyond: writes stop, or overage is charged. */
  readonly stops: boolean
}

/** Told to owners when the allowance is nearly, and when it is wholly, used. */
export function usageMail({
  firstName,
  publicUrl,
  percent,
  included,
  stops,
}: Notice & UsageNotice): MailText {
  const beyond = stops
    ? 'When it is used up, writes are refused; reads go on. Upgrade to write more.'
    : 'Beyond it, deltas are charged at the overage price of your plan; nothing stops.'
  return mailOf({
    subject: `${percent} % of your PacSpace allowance is used`,
    firstName,
    blocks: [
      `${percent} % of the ${included.toLocaleString('en-US')} verified deltas in your plan are used.`,
      beyond,
      { label: 'Usage and billing', link: `${publicUrl}/sandbox/billing` },
    ],
  })
}

export interface PlanNotice {
  readonly oldTier: string
  readonly newTier: string
}

/** Told to owners when the plan changed, whoever changed it. */
export function planMail({ firstName, publicUrl, oldTier, newTier }: Notice & PlanNotice): MailText {
  return mailOf({
    subject: 'Your PacSpace plan was changed',
    firstName,
    blocks: [
      `Your plan is now ${capital(newTier)}; it was ${capital(oldTier)}.`,
      { label: 'Usage and billing', link: `${publicUrl}/sandbox/billing` },
    ],
  })
}

function capital(tier: string): string {
  return tier.charAt(0).toUpperCase() + tier.slice(1)
}
