import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RandomBytes } from '@pacspace/api/id'
import { epochMsOf } from '@pacspace/api/timestamp'
import type { SendMail } from './transport.ts'

/** Mails kept; the oldest go. */
const MAILS_MAX = 5_000

const NAME_BYTES = 8

/**
 * The local mailbox, for development: each mail is a file `<epochMs>-<random>.json` with `to`, `subject`, `text`,
 * `html`, `links[]` and `createdAt`, so names sort by time. The gateway shows them at `/dev/mailbox`. A reader never sees half a
 * mail: it is written aside, flushed and renamed.
 */
export function mailboxTransport(folder: string, randomBytes: RandomBytes): SendMail {
  return async (mail) => {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const name = `${epochMsOf(mail.createdAt)}-${Buffer.from(randomBytes(NAME_BYTES)).toString('hex')}.json`
    const aside = join(folder, `.${name}.tmp`)
    const file = await open(aside, 'wx', 0o600)
    try {
      await file.writeFile(`${JSON.stringify(mail, undefined, 2)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(aside, join(folder, name))
    await dropOldest(folder)
  }
}

async function dropOldest(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  for (const name of names.slice(0, -MAILS_MAX)) await rm(join(folder, name), { force: true })
}
