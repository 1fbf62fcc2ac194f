import {
  base64Key,
  ConfigError,
  type ConfigOf,
  defineConfig,
  httpUrl,
  list,
  optional,
  port,
  postgresUrl,
  secret,
  text,
  wholeNumber,
  withDefault,
} from '@pacspace/service/config'
import { unsafeDatabase } from '@pacspace/service/durable-database'
import { TOKEN_SECONDS_MAX } from './accounts/access-token.ts'
import { AUDIT_KEY_BYTES } from './audit/audit-signer.ts'

const HOUR_SECONDS = 60 * 60

/** What reaching the database and the planes takes: all that an operator's command needs. */
const reach = {
  databaseUrl: postgresUrl('PACSPACE_DATABASE_URL'),
  sandboxInternalUrl: httpUrl('PACSPACE_SANDBOX_INTERNAL_URL'),
  sandboxInternalSecret: secret('PACSPACE_SANDBOX_INTERNAL_SECRET'),
  productionInternalUrl: httpUrl('PACSPACE_PRODUCTION_INTERNAL_URL'),
  productionInternalSecret: secret('PACSPACE_PRODUCTION_INTERNAL_SECRET'),
  /** With it plans are paid through Stripe; without, by the built-in provider. */
  stripeSecretKey: optional(text('PACSPACE_STRIPE_SECRET_KEY')),
}

const service = {
  ...reach,
  unsafeDatabase,
  host: withDefault(text('PACSPACE_HOST'), '127.0.0.1'),
  port: port('PACSPACE_PORT'),
  privatePort: port('PACSPACE_PRIVATE_PORT'),
  /** What links in mails start with, and the issuer of tokens. */
  publicUrl: httpUrl('PACSPACE_PUBLIC_URL'),
  /** Signs tokens. Under 32 characters, or a sample value: the process does not start (check A-15). */
  jwtSecret: secret('PACSPACE_JWT_SECRET'),
  /** Signs the activity log. Lost, the log goes on under another key; known to others, they could sign another log. */
  auditKey: base64Key('PACSPACE_AUDIT_KEY', AUDIT_KEY_BYTES),
  /** Where the signed heads of the activity log are kept outside its database; without it they are nowhere else. */
  auditAnchorDir: optional(text('PACSPACE_AUDIT_ANCHOR_DIR')),
  tokenSeconds: withDefault(
    wholeNumber('PACSPACE_TOKEN_SECONDS', { minimum: 60, maximum: TOKEN_SECONDS_MAX }),
    12 * HOUR_SECONDS,
  ),
  /** One of the two is where mails go; with both, the mail server. */
  mailboxDir: optional(text('PACSPACE_MAILBOX_DIR')),
  smtpUrl: optional(text('PACSPACE_SMTP_URL')),
  mailFrom: optional(text('PACSPACE_MAIL_FROM')),
  /** These belong to `stripeSecretKey`. */
  stripeWebhookSecret: optional(text('PACSPACE_STRIPE_WEBHOOK_SECRET')),
  /** `pilot=price_…,starter=price_…`: every plan that is sold. */
  stripePrices: list('PACSPACE_STRIPE_PRICES'),
  /** Instead of Stripe's own API. */
  stripeApiUrl: optional(httpUrl('PACSPACE_STRIPE_API_URL')),
  /** Addresses whose X-Forwarded-For is believed: the gateway's. */
  trustedProxies: list('PACSPACE_TRUSTED_PROXIES'),
}

/** What checking the activity log takes. */
const { databaseUrl, publicUrl, auditKey, auditAnchorDir } = service

const serviceConfig = defineConfig(service)
const operatorConfig = defineConfig(reach)
const auditConfig = defineConfig({ databaseUrl, publicUrl, auditKey, auditAnchorDir })

export type ServiceConfiguration = ConfigOf<typeof serviceConfig>
export type OperatorConfiguration = ConfigOf<typeof operatorConfig>
export type AuditConfiguration = ConfigOf<typeof auditConfig>

type Environment = Readonly<Record<string, string | undefined>>

/** Listening there, only processes of this machine can connect: the gateway. */
const LOOPBACK_HOSTS = ['127.0.0.1', '::1', 'localhost']
const LOOPBACK_ADDRESSES = ['127.0.0.0/8', '::1']

/** The configuration of the service. Raises `ConfigError`, which names everything that is wrong. */
export function readConfiguration(env: Environment): ServiceConfiguration {
  const read = serviceConfig.parse(env)
  if (read.smtpUrl === undefined && read.mailboxDir === undefined) {
    throw new ConfigError([
      'PACSPACE_SMTP_URL or PACSPACE_MAILBOX_DIR must be set: mails have to go somewhere',
    ])
  }
  const isLocal = read.trustedProxies.length === 0 && LOOPBACK_HOSTS.includes(read.host)
  return isLocal ? { ...read, trustedProxies: LOOPBACK_ADDRESSES } : read
}

/** The configuration of an operator's command. Raises `ConfigError`. */
export function readOperatorConfiguration(env: Environment): OperatorConfiguration {
  return operatorConfig.parse(env)
}

/** The configuration of the operator's check of the activity log. Raises `ConfigError`. */
export function readAuditConfiguration(env: Environment): AuditConfiguration {
  return auditConfig.parse(env)
}
