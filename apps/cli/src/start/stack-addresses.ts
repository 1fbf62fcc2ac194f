import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '@pacspace/service/embedded-postgres/cluster-error'
import type { Ports } from './ports.ts'

/** Where a running stack is found. Nothing secret. */
export interface StackAddresses {
  /** The gateway, as people address it. */
  readonly baseUrl: string
  readonly sandboxUrl: string
  readonly productionUrl: string
  readonly ports: Ports
}

/** Notes the addresses in the data directory, for commands that talk to a stack they have not started. */
export async function rememberAddresses(dataDir: string, addresses: StackAddresses): Promise<void> {
  const path = pathIn(dataDir)
  await writeFile(`${path}.new`, `${JSON.stringify(addresses, undefined, 2)}\n`)
  await rename(`${path}.new`, path)
}

/** The addresses noted by the stack that runs on this data directory, or ran last and was killed. */
export async function recallAddresses(dataDir: string): Promise<StackAddresses | undefined> {
  try {
    return JSON.parse(await readFile(pathIn(dataDir), 'utf8')) as StackAddresses // written by us, whole or not at all
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Forgets them: nothing runs there any more. */
export async function forgetAddresses(dataDir: string): Promise<void> {
  await rm(pathIn(dataDir), { force: true })
}

function pathIn(dataDir: string): string {
  return join(dataDir, 'addresses.json')
}
