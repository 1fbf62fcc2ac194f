import { randomBytes } from 'node:crypto'
import { PacSpaceError } from '@pacspace-io/sdk/core/error'
import { PacSpace } from '@pacspace-io/sdk/core/pacspace'
import type { Command } from 'commander'
import { forwardEvents } from './forward-events.ts'

interface Options {
  readonly forwardTo: string
  readonly key?: string
  readonly baseUrl?: string
  readonly secret?: string
  readonly events?: string[]
}

/** `pacspace listen --forward-to URL`: this tenant's webhooks at a program on this machine. */
export function defineListenCommand(program: Command): void {
  program
    .command('listen')
    .description('forward your webhooks, replays and tests included, to a program on this machine')
    .requiredOption('--forward-to <url>', 'where to send events, such as http://127.0.0.1:3000/webhooks?x=1')
    .option('--key <key>', 'API key with webhooks:read; default: PACSPACE_API_KEY')
    .option('--base-url <url>', 'of the API; default: by the key, see PACSPACE_SANDBOX_URL')
    .option('--secret <secret>', 'whsec_… to sign with; default: a new one, printed')
    .option('--events <events...>', 'types to forward; default: all')
    .action(listen)
}

async function listen(options: Options): Promise<void> {
  const { key = process.env.PACSPACE_API_KEY, baseUrl, events = [] } = options
  const secret = options.secret ?? `whsec_${randomBytes(32).toString('base64')}`
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())
  try {
    if (key === undefined)
      throw new PacSpaceError('INVALID_OPTION', 'no API key: give --key or set PACSPACE_API_KEY')
    const { balance } = new PacSpace({ apiKey: key, baseUrl })
    const forwardTo = URL.parse(options.forwardTo)
    if (forwardTo === null)
      throw new PacSpaceError('INVALID_OPTION', `--forward-to is no URL: ${options.forwardTo}`)
    console.log(`Forwarding to ${forwardTo.href}\nSigning secret: ${secret}\n`)
    await forwardEvents({
      balance,
      forwardTo,
      secret,
      events,
      signal: stopping.signal,
      print: (line) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`),
    })
  } catch (error) {
    if (!(error instanceof PacSpaceError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}
