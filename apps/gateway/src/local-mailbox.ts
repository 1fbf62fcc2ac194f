import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A mail as the control plane's local transport keeps it. */
export interface LocalMail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly links: readonly string[]
  readonly createdAt: string
}

/** Newest files that are looked at: a mailbox for development is not searched to its beginning. */
const FILES_MAX = 500

/** The newest mails of the mailbox in `folder`, newest last; those to `address` alone, if one is given. */
export async function readMailbox(folder: string, address: string | undefined): Promise<LocalMail[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  const texts = await Promise.all(
    names.slice(-FILES_MAX).map((name) => readFile(join(folder, name), 'utf8').catch(() => undefined)),
  )
  const mails = texts.flatMap((text) => (text === undefined ? [] : [JSON.parse(text) as LocalMail])) // the control plane's
  const wanted = address?.trim().toLowerCase()
  return mails
    .filter(({ to }) => wanted === undefined || to.toLowerCase() === wanted)
    .sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt))
}
