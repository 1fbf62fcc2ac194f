import { watch } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '@pacspace/service/embedded-postgres/cluster-error'
import type { Terminal } from './terminal.ts'

/** A mail as the control plane's local transport keeps it. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly links: readonly string[]
  readonly createdAt: string
}

/** Shows the links of every mail that arrives in the local mailbox from now on. Gives what ends it. */
export function watchMailbox(folder: string, terminal: Terminal): () => void {
  const known = readdir(folder).then((names) => new Set(names))
  let looking = Promise.resolve()
  const look = async () => {
    const seen = await known
    for (const name of (await readdir(folder))
      .filter((name) => name.endsWith('.json') && !seen.has(name))
      .sort()) {
      seen.add(name)
      const mail = await readMail(join(folder, name))
      if (mail !== undefined)
        terminal.say(`Mail to ${mail.to}: ${mail.subject}\n  ${mail.links.join('\n  ')}`)
    }
  }
  const watcher = watch(folder, () => {
    looking = looking.then(look).catch((error: unknown) => terminal.warn(`Mailbox ${folder}: ${error}`))
  })
  return () => watcher.close()
}

async function readMail(path: string): Promise<Mail | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Mail // written by the control plane, whole or not at all
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
}
