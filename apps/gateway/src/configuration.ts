import {
  ConfigError,
  type ConfigOf,
  defineConfig,
  httpUrl,
  list,
  optional,
  port,
  text,
  withDefault,
} from '@pacspace/service/config'

const gatewayConfig = defineConfig({
  host: withDefault(text('PACSPACE_HOST'), '127.0.0.1'),
  port: port('PACSPACE_PORT'),
  privatePort: port('PACSPACE_PRIVATE_PORT'),
  /** The base URL that people use. */
  publicUrl: httpUrl('PACSPACE_PUBLIC_URL'),
  controlUrl: httpUrl('PACSPACE_CONTROL_URL'),
  sandboxUrl: httpUrl('PACSPACE_SANDBOX_URL'),
  productionUrl: httpUrl('PACSPACE_PRODUCTION_URL'),
  /** What `/readyz` asks: `name=url`, comma-separated. */
  readyUrls: list('PACSPACE_READY_URLS'),
  /** The control plane's local mailbox, for development: whoever reaches the gateway can read every mail in it. */
  mailboxDir: optional(text('PACSPACE_MAILBOX_DIR')),
  /** The built dashboard; without it the gateway answers an API and a front page. */
  dashboardDir: optional(text('PACSPACE_DASHBOARD_DIR')),
  /** Proxies in front of the gateway whose X-Forwarded-For is believed. */
  trustedProxies: list('PACSPACE_TRUSTED_PROXIES'),
})

export type GatewayConfiguration = Omit<ConfigOf<typeof gatewayConfig>, 'readyUrls'> & {
  readonly readyUrls: ReadonlyMap<string, string>
}

/** The configuration of the gateway. Raises `ConfigError`, which names everything that is wrong. */
export function readConfiguration(env: Readonly<Record<string, string | undefined>>): GatewayConfiguration {
  const read = gatewayConfig.parse(env)
  const readyUrls = read.readyUrls.map((pair): [string, string] => {
    const equals = pair.indexOf('=')
    const [name, url] = [pair.slice(0, equals), pair.slice(equals + 1)]
    if (equals < 1 || !URL.canParse(url)) {
      throw new ConfigError([`PACSPACE_READY_URLS must be a list of name=url, not ${JSON.stringify(pair)}`])
    }
    return [name, url]
  })
  return { ...read, readyUrls: new Map(readyUrls) }
}
