import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from '@pacspace/api/environment'
import type { Ports } from './ports.ts'
import { repositoryRoot } from './repository-root.ts'
import type { StackSecrets } from './secrets.ts'
import type { PlaneName, StackSettings } from './settings.ts'

/** One process of the stack: what is run, with which environment and no other. */
export interface ProcessPlan {
  readonly name: ProcessName
  /** Relative to the repository. */
  readonly program: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Answers 200 once the process can do its work. */
  readonly readyUrl: string
  /** Niceness: 0, or more for work that may wait (design.md §4). */
  readonly priority: number
}

export type ProcessName =
  | 'control-plane'
  | 'sandbox-api'
  | 'sandbox-worker'
  | 'production-api'
  | 'production-worker'
  | 'gateway'

export interface PlanInput {
  readonly settings: StackSettings
  readonly ports: Ports
  readonly secrets: StackSecrets
  readonly databaseUrls: Readonly<Record<PlaneName, string>>
}

const workerPriority = 19
/** Passwords are hashed there: what a log-in waits for may wait for what a ledger does (decision 54). */
export const controlPlanePriority = 10
/** Built by the launcher. */
const dashboardDir = join(repositoryRoot, 'apps/dashboard/dist')
/** Where the gateway's connections come from: what it says about the client is believed. */
const GATEWAY_ADDRESS = '127.0.0.1'

/** Every process of the stack; the gateway last, since it is the first to end. */
export function planProcesses(input: PlanInput): ProcessPlan[] {
  const services = [controlPlane(input), ...dataPlane(input, 'sandbox'), ...dataPlane(input, 'production')]
  return [...services, gateway(input, services)]
}

/** The base URL people use. */
export function publicUrlOf({ settings, ports }: Pick<PlanInput, 'settings' | 'ports'>): string {
  return settings.publicUrl ?? gatewayUrl({ settings, ports })
}

/** The local mailbox, where mails go while no mail server is set; undefined when one is. */
export function mailboxDirOf(settings: StackSettings): string | undefined {
  return settings.smtpUrl === undefined ? join(settings.dataDir, 'mailbox') : undefined
}

/** Where a plane publishes the heads of its logs. */
export function anchorDirOf(settings: StackSettings, environment: Environment): string {
  return join(settings.dataDir, 'anchors', environment)
}

/** Where the control plane publishes the heads of the activity log. */
function activityAnchorDirOf(settings: StackSettings): string {
  return join(settings.dataDir, 'anchors', 'activity')
}

/** The URL of a port that listens on 127.0.0.1. */
export function localUrl(port: number): string {
  return `http://127.0.0.1:${port}`
}

/** The gateway as this machine reaches it, whatever address it listens on. */
export function gatewayUrl({ settings, ports }: Pick<PlanInput, 'settings' | 'ports'>): string {
  const { host } = settings
  if (host === '0.0.0.0' || host === '::') return localUrl(ports.gateway)
  return `http://${host.includes(':') ? `[${host}]` : host}:${ports.gateway}`
}

/** What the control plane knows: its own database, and the way to each plane's internal API. */
export function controlPlane(input: PlanInput): ProcessPlan {
  const { settings, ports, secrets, databaseUrls } = input
  const mailboxDir = mailboxDirOf(settings)
  return {
    name: 'control-plane',
    program: 'apps/control-plane/src/main.ts',
    args: [],
    environment: {
      ...commonEnvironment(settings),
      ...settings.controlPlane,
      PACSPACE_DATABASE_URL: databaseUrls.control,
      PACSPACE_HOST: '127.0.0.1',
      PACSPACE_PORT: String(ports.control),
      PACSPACE_PRIVATE_PORT: String(ports.controlPrivate),
      PACSPACE_PUBLIC_URL: publicUrlOf(input),
      PACSPACE_TRUSTED_PROXIES: GATEWAY_ADDRESS,
      PACSPACE_JWT_SECRET: secrets.jwtSecret,
      PACSPACE_AUDIT_KEY: secrets.auditKey,
      PACSPACE_AUDIT_ANCHOR_DIR: activityAnchorDirOf(settings),
      PACSPACE_SANDBOX_INTERNAL_URL: localUrl(ports.sandboxPrivate),
      PACSPACE_SANDBOX_INTERNAL_SECRET: secrets.planes.sandbox.internalSecret,
      PACSPACE_PRODUCTION_INTERNAL_URL: localUrl(ports.productionPrivate),
      PACSPACE_PRODUCTION_INTERNAL_SECRET: secrets.planes.production.internalSecret,
      ...(mailboxDir !== undefined && { PACSPACE_MAILBOX_DIR: mailboxDir }),
      ...(settings.smtpUrl !== undefined && { PACSPACE_SMTP_URL: settings.smtpUrl }),
    },
    readyUrl: `${localUrl(ports.controlPrivate)}/readyz`,
    priority: controlPlanePriority,
  }
}

/** `fsck` of one plane: reads what its worker has written, and needs none of its secrets. */
export function checker(
  input: PlanInput,
  environment: Environment,
  args: readonly string[],
): Pick<ProcessPlan, 'program' | 'args' | 'environment'> {
  return { program: 'apps/data-plane/src/fsck.ts', args, environment: planeEnvironment(input, environment) }
}

/** What makes deltas of one plane void: as the owner of its tables, and with none of its secrets. */
export function voider(
  input: PlanInput,
  environment: Environment,
  args: readonly string[],
): Pick<ProcessPlan, 'program' | 'args' | 'environment'> {
  return { program: 'apps/data-plane/src/void.ts', args, environment: planeEnvironment(input, environment) }
}

function commonEnvironment(settings: StackSettings): Record<string, string> {
  return { ...settings.passedOn, NODE_COMPILE_CACHE: settings.compileCache }
}

/** What every process of a plane knows. */
function planeEnvironment(input: PlanInput, environment: Environment): Record<string, string> {
  const { settings, databaseUrls } = input
  return {
    ...commonEnvironment(settings),
    ...settings.planes,
    PACSPACE_ENVIRONMENT: environment,
    PACSPACE_DATABASE_URL: databaseUrls[environment],
    PACSPACE_ANCHOR_DIR: anchorDirOf(settings, environment),
    PACSPACE_LOG_HOST: settings.logHost ?? new URL(publicUrlOf(input)).host,
    PACSPACE_PUBLIC_URL: publicUrlOf(input),
    PACSPACE_TRUSTED_PROXIES: GATEWAY_ADDRESS,
  }
}

function dataPlane(input: PlanInput, environment: Environment): ProcessPlan[] {
  const { ports, secrets } = input
  const program = 'apps/data-plane/src/main.ts'
  const common = {
    ...planeEnvironment(input, environment),
    PACSPACE_WEBHOOK_KEY: secrets.planes[environment].webhookKey,
  }
  const api = ports[`${environment}Private`]
  const worker = ports[`${environment}WorkerPrivate`]
  return [
    {
      name: `${environment}-api`,
      program,
      args: ['--role', 'api'],
      environment: {
        ...common,
        // Only the gateway is reached from other machines; a plane's port shares its address with the internal API.
        PACSPACE_HOST: '127.0.0.1',
        PACSPACE_PORT: String(ports[environment]),
        PACSPACE_PRIVATE_PORT: String(api),
        PACSPACE_INTERNAL_SECRET: secrets.planes[environment].internalSecret,
      },
      readyUrl: `${localUrl(api)}/readyz`,
      priority: 0,
    },
    {
      name: `${environment}-worker`,
      program,
      args: ['--role', 'worker'],
      environment: {
        ...common,
        PACSPACE_PRIVATE_PORT: String(worker),
        PACSPACE_MASTER_KEY: secrets.planes[environment].masterKey,
      },
      readyUrl: `${localUrl(worker)}/readyz`,
      priority: workerPriority,
    },
  ]
}

function gateway(input: PlanInput, services: readonly ProcessPlan[]): ProcessPlan {
  const { settings, ports } = input
  const mailboxDir = mailboxDirOf(settings)
  return {
    name: 'gateway',
    program: 'apps/gateway/src/main.ts',
    args: [],
    environment: {
      ...commonEnvironment(settings),
      ...settings.gateway,
      PACSPACE_HOST: settings.host,
      PACSPACE_PORT: String(ports.gateway),
      PACSPACE_PRIVATE_PORT: String(ports.gatewayPrivate),
      PACSPACE_PUBLIC_URL: publicUrlOf(input),
      ...(existsSync(dashboardDir) && { PACSPACE_DASHBOARD_DIR: dashboardDir }),
      PACSPACE_CONTROL_URL: localUrl(ports.control),
      PACSPACE_SANDBOX_URL: localUrl(ports.sandbox),
      PACSPACE_PRODUCTION_URL: localUrl(ports.production),
      PACSPACE_READY_URLS: services.map(({ name, readyUrl }) => `${name}=${readyUrl}`).join(','),
      ...(mailboxDir !== undefined && { PACSPACE_MAILBOX_DIR: mailboxDir }),
    },
    readyUrl: `${gatewayUrl(input)}/readyz`,
    priority: 0,
  }
}
