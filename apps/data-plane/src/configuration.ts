import type { Environment } from '@pacspace/api/environment'
import {
  base64Key,
  ConfigError,
  type ConfigOf,
  defineConfig,
  httpUrl,
  list,
  oneOf,
  optional,
  port,
  postgresUrl,
  secret,
  text,
  wholeNumber,
  withDefault,
} from '@pacspace/service/config'
import { unsafeDatabase } from '@pacspace/service/durable-database'
import { MASTER_KEY_BYTES } from './anchors/log-key.ts'
import { parseAllowList, type TargetRules } from './webhooks/target-rules.ts'
import { WEBHOOK_KEY_BYTES } from './webhooks/webhook-secret.ts'

const both = {
  /** Which environment this plane is: the only place where the program learns it. */
  environment: oneOf<Environment>('PACSPACE_ENVIRONMENT', ['sandbox', 'production']),
  databaseUrl: postgresUrl('PACSPACE_DATABASE_URL'),
  unsafeDatabase,
  host: withDefault(text('PACSPACE_HOST'), '127.0.0.1'),
  privatePort: port('PACSPACE_PRIVATE_PORT'),
  /** The folder of the file anchor: the worker writes it, the api process looks at it after a restore. */
  anchorDir: text('PACSPACE_ANCHOR_DIR'),
  /** Seals the secrets of webhook endpoints: the api process makes them, the worker signs with them. */
  webhookKey: base64Key('PACSPACE_WEBHOOK_KEY', WEBHOOK_KEY_BYTES),
  /** Hosts, addresses and CIDR ranges that webhooks may reach though they are private. For development and tests. */
  webhookAllow: list('PACSPACE_WEBHOOK_ALLOW'),
}

const api = defineConfig({
  ...both,
  port: port('PACSPACE_PORT'),
  publicUrl: optional(httpUrl('PACSPACE_PUBLIC_URL')),
  internalSecret: secret('PACSPACE_INTERNAL_SECRET'),
  /** Commits that may run at once, each on a connection of its own. */
  lanes: withDefault(wholeNumber('PACSPACE_APPEND_LANES', { minimum: 1, maximum: 64 }), 8),
  /** Api processes that share this plane's database: each grants its share of every rate limit. */
  apiProcesses: withDefault(wholeNumber('PACSPACE_API_PROCESSES', { minimum: 1, maximum: 1_000 }), 1),
  trustedProxies: list('PACSPACE_TRUSTED_PROXIES'),
})

const worker = defineConfig({
  ...both,
  /** Opens the logs' private keys. The api process is never given it. */
  masterKey: base64Key('PACSPACE_MASTER_KEY', MASTER_KEY_BYTES),
  /** First part of every log's name, `<host>/log/<id>`. */
  logHost: text('PACSPACE_LOG_HOST'),
  /** How many old rows the scrubber derives again in a second. */
  scrubRowsPerSecond: withDefault(
    wholeNumber('PACSPACE_SCRUB_ROWS_PER_SECOND', { minimum: 1, maximum: 1_000_000 }),
    1_000,
  ),
})

export type ApiConfiguration = ConfigOf<typeof api>
export type WorkerConfiguration = ConfigOf<typeof worker>

type Variables = Readonly<Record<string, string | undefined>>

/** The configuration of the api process. Raises `ConfigError`, which names everything that is wrong. */
export function readApiConfiguration(env: Variables): ApiConfiguration {
  return api.parse(env)
}

/** The configuration of the worker process. Raises `ConfigError`. */
export function readWorkerConfiguration(env: Variables): WorkerConfiguration {
  return worker.parse(env)
}

/** Where webhooks of this plane may be sent. Raises `ConfigError` for a range that is none. */
export function targetRulesOf({
  environment,
  webhookAllow,
}: Pick<ApiConfiguration, 'environment' | 'webhookAllow'>): TargetRules {
  try {
    return { httpsOnly: environment === 'production', allow: parseAllowList(webhookAllow) }
  } catch {
    throw new ConfigError(['PACSPACE_WEBHOOK_ALLOW must hold host names, addresses and CIDR ranges'])
  }
}
