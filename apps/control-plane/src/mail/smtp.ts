import { createTransport } from 'nodemailer'
import type { SendMail } from './transport.ts'

const CONNECT_TIMEOUT_MS = 10_000
const IDLE_TIMEOUT_MS = 30_000

/**
 * Sends by SMTP. `url`: `smtp://user:password@host:587` or `smtps://…:465`. `from`: the sender's address, as a header.
 * Resolves when the server has accepted the mail.
 */
export function smtpTransport({ url, from }: { readonly url: string; readonly from: string }): SendMail {
  const transport = createTransport({
    url,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: IDLE_TIMEOUT_MS,
    // A mail of ours is whole: nothing in it may make the server read a file or fetch a page.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return async ({ to, subject, text, html }) => {
    await transport.sendMail({ from, to: { name: '', address: to }, subject, text, html })
  }
}
