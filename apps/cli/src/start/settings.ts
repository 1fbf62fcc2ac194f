import { join, resolve } from 'node:path'
import { BASE_PORT_MAX } from './ports.ts'
import { repositoryRoot } from './repository-root.ts'
import { StartError } from './start-error.ts'

/** Each keeps its data in a PostgreSQL of its own. */
export const planeNames = ['control', 'sandbox', 'production'] as const
export type PlaneName = (typeof planeNames)[number]

/** What the person who starts the stack may decide. */
export interface StackSettings {
  /** Absolute path of everything that is kept. */
  readonly dataDir: string
  /**
   * Where Node keeps what it compiled: a start costs half the CPU then. Ours if we were given one (`npm start` was: it lies
   * beside the code, and has what other commands compiled), else in the data directory; never in Node's default, /tmp,
   * where others could put their code under our names.
   */
  readonly compileCache: string
  /** The gateway's port, from which all others follow; undefined = look for free ones. */
  readonly basePort: number | undefined
  /** Address that the gateway and the planes listen on. */
  readonly host: string
  /** The base URL people use; undefined = that of the gateway's port. */
  readonly publicUrl: string | undefined
  /** Name that the origins of logs begin with; undefined = host of the public URL. */
  readonly logHost: string | undefined
  /** PostgreSQL servers of the operator's; where none is given, an embedded cluster is run. */
  readonly databaseUrls: Readonly<Partial<Record<PlaneName, string>>>
  /** Mail server of the operator's; undefined = mails are kept in the local mailbox. */
  readonly smtpUrl: string | undefined
  /** Variables handed on as they are: to every process (none of these is secret), or to one kind alone. */
  readonly passedOn: Readonly<Record<string, string>>
  readonly planes: Readonly<Record<string, string>>
  readonly controlPlane: Readonly<Record<string, string>>
  readonly gateway: Readonly<Record<string, string>>
}

const DEFAULT_PORT = 3600

/** Node's own. */
const compileCacheVariable = 'NODE_COMPILE_CACHE'

/** What a process that starts a stack hands on of its own environment, whatever else the stack is given. */
export function handedOn(variables: Variables): Record<string, string> {
  return pick(variables, [compileCacheVariable])
}

type Variables = Readonly<Record<string, string | undefined>>

/** The settings of an environment; a `StartError` names everything that is wrong with them, at once. */
export function readSettings(variables: Variables): StackSettings {
  const wrong: string[] = []
  const dataDir = resolve(repositoryRoot, given(variables, 'PACSPACE_DATA_DIR') ?? '.pacspace')
  const settings: StackSettings = {
    dataDir,
    compileCache: given(variables, compileCacheVariable) ?? join(dataDir, 'cache'),
    basePort: readPort(variables, wrong),
    host: given(variables, 'PACSPACE_HOST') ?? '127.0.0.1',
    publicUrl: readUrl(variables, 'PACSPACE_PUBLIC_URL', ['http:', 'https:'], wrong)?.replace(/\/+$/, ''),
    logHost: given(variables, 'PACSPACE_LOG_HOST'),
    databaseUrls: readDatabaseUrls(variables, wrong),
    smtpUrl: readUrl(variables, 'PACSPACE_SMTP_URL', ['smtp:', 'smtps:'], wrong),
    passedOn: pick(variables, [
      'PACSPACE_LOG_LEVEL',
      'PACSPACE_UNSAFE_DATABASE',
      'NODE_EXTRA_CA_CERTS',
      'TZ',
      'LANG',
    ]),
    planes: pick(variables, ['PACSPACE_WEBHOOK_ALLOW', 'PACSPACE_APPEND_LANES']),
    controlPlane: pick(variables, [
      'PACSPACE_MAIL_FROM',
      'PACSPACE_TOKEN_SECONDS',
      'PACSPACE_STRIPE_SECRET_KEY',
      'PACSPACE_STRIPE_WEBHOOK_SECRET',
      'PACSPACE_STRIPE_PRICES',
      'PACSPACE_STRIPE_API_URL',
    ]),
    gateway: pick(variables, ['PACSPACE_TRUSTED_PROXIES']),
  }
  if (wrong.length > 0)
    throw new StartError(`Settings that cannot be used:\n${wrong.map((line) => `  ${line}`).join('\n')}`)
  return settings
}

/** The variable of a plane's database URL. */
export function databaseVariable(plane: PlaneName): string {
  return `PACSPACE_${plane.toUpperCase()}_DATABASE_URL`
}

function readPort(variables: Variables, wrong: string[]): number | undefined {
  const text = given(variables, 'PORT')
  if (text === undefined) return DEFAULT_PORT
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port >= 0 && port <= BASE_PORT_MAX) return port === 0 ? undefined : port
  wrong.push(
    `PORT must be a number of 1–${BASE_PORT_MAX}, or 0 for free ports; it is ${JSON.stringify(text)}`,
  )
  return undefined
}

function readDatabaseUrls(variables: Variables, wrong: string[]): Partial<Record<PlaneName, string>> {
  const urls: Partial<Record<PlaneName, string>> = {}
  for (const plane of planeNames) {
    const url = readUrl(variables, databaseVariable(plane), ['postgres:', 'postgresql:'], wrong)
    if (url === undefined) continue
    const twin = planeNames.find((other) => urls[other] === url)
    // True isolation, not a column (product.md §1).
    if (twin !== undefined)
      wrong.push(`${databaseVariable(plane)} is that of ${twin}: each needs a database of its own`)
    urls[plane] = url
  }
  return urls
}

/** The value is never quoted: a URL may hold a password. */
function readUrl(
  variables: Variables,
  name: string,
  protocols: string[],
  wrong: string[],
): string | undefined {
  const text = given(variables, name)
  if (text === undefined) return undefined
  if (URL.canParse(text) && protocols.includes(new URL(text).protocol)) return text
  wrong.push(
    `${name} must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  )
  return undefined
}

function pick(variables: Variables, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = given(variables, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** An empty variable counts as none: that is how shells and compose files leave one out. */
function given(variables: Variables, name: string): string | undefined {
  const value = variables[name]?.trim()
  return value === '' ? undefined : value
}
