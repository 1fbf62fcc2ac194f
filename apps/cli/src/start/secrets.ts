import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Environment } from '@pacspace/api/environment'
import { isSystemError } from '@pacspace/service/embedded-postgres/cluster-error'
import { StartError } from './start-error.ts'

/** What a data plane keeps secret. */
export interface PlaneSecrets {
  /** Shared with the control plane, which presents it at the plane's internal API. */
  readonly internalSecret: string
  /** 32 bytes, base64: encrypts the plane's log keys. Lost means that no log of this plane can be signed again. */
  readonly masterKey: string
  /** 32 bytes, base64: seals the secrets of webhook endpoints. Lost means that each has to be rotated. */
  readonly webhookKey: string
}

export interface StackSecrets {
  /** Signs the tokens of logged-in users. */
  readonly jwtSecret: string
  /** 32 bytes, base64: signs the control plane's activity log. */
  readonly auditKey: string
  readonly planes: Readonly<Record<Environment, PlaneSecrets>>
}

const secretBytes = 32

/**
 * The secrets of a data directory, made once and the same ever after. One file per owner (0600 in a 0700 folder), so
 * that a file can move with its plane to a machine of its own.
 */
export async function loadSecrets(dataDir: string): Promise<StackSecrets> {
  const folder = join(dataDir, 'secrets')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const plane = ['internalSecret', 'masterKey'] as const
  // Of its own: the api process is given it, and must not be given what opens log keys.
  const webhooks = ['webhookKey'] as const
  const [control, audit, sandbox, production, sandboxWebhooks, productionWebhooks] = await Promise.all([
    loadOrCreate(join(folder, 'control.json'), ['jwtSecret'] as const),
    loadOrCreate(join(folder, 'audit.json'), ['auditKey'] as const),
    loadOrCreate(join(folder, 'sandbox.json'), plane),
    loadOrCreate(join(folder, 'production.json'), plane),
    loadOrCreate(join(folder, 'sandbox-webhooks.json'), webhooks),
    loadOrCreate(join(folder, 'production-webhooks.json'), webhooks),
  ])
  return {
    jwtSecret: control.jwtSecret,
    auditKey: audit.auditKey,
    planes: {
      sandbox: { ...sandbox, ...sandboxWebhooks },
      production: { ...production, ...productionWebhooks },
    },
  }
}

type Secrets<Name extends string> = Readonly<Record<Name, string>>

async function loadOrCreate<Name extends string>(
  path: string,
  names: readonly Name[],
): Promise<Secrets<Name>> {
  const existing = await load(path, names)
  if (existing !== undefined) return existing
  const made = Object.fromEntries(names.map((name) => [name, randomBytes(secretBytes).toString('base64')]))
  await createWhole(path, `${JSON.stringify(made, undefined, 2)}\n`)
  const secrets = await load(path, names)
  if (secrets === undefined) throw new StartError(`${path} disappeared while it was being written.`)
  return secrets
}

async function load<Name extends string>(
  path: string,
  names: readonly Name[],
): Promise<Secrets<Name> | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
  const found = parseObject(text)
  for (const name of names) {
    if (typeof found[name] === 'string' && Buffer.from(found[name], 'base64').length === secretBytes) continue
    // Never replaced by a fresh one: what the lost key encrypted could not be read again.
    throw new StartError(
      `${path} is damaged: ${name} is no ${secretBytes}-byte secret. Restore it from a backup.`,
    )
  }
  return found as Secrets<Name> // each name was just checked
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {} // reported by name just below, without quoting what may be a secret
  }
}

/** Writes the file whole or not at all, on disk when it returns. One that is there already stays as it is. */
async function createWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}`
  try {
    const file = await open(draft, 'w', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await link(draft, path)
    await syncFolder(dirname(path))
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error
  } finally {
    await rm(draft, { force: true })
  }
}

/** A new name is durable only once its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
