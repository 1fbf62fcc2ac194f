import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { explain } from './command-errors.ts'
import { firstSteps } from './first-steps.ts'
import { watchMailbox } from './mailbox.ts'
import { mailboxDirOf } from './process-plan.ts'
import { repositoryRoot } from './repository-root.ts'
import { readSettings } from './settings.ts'
import type { SupervisorMessage } from './stack.ts'
import { type Supervisor, startSupervisor } from './supervisor.ts'
import { terminal } from './terminal.ts'
import { watchSources } from './watch-sources.ts'

/** `pacspace start`: everything on this machine, until SIGTERM or Ctrl-C. */
export function defineStartCommand(program: Command): void {
  program
    .command('start')
    .description('run everything on this machine: databases, control plane, both planes, gateway')
    .option('--dev', 'start a service again when its files change')
    .addHelpText('after', settingsHelp)
    .action(async (options: { dev?: true }) => {
      process.exitCode = await start(options.dev === true)
      // Nothing of ours is left to wait for; a handle that a library forgot must not keep a stopped stack alive.
      process.exit()
    })
}

const settingsHelp = `
Settings (environment):
  PORT                               gateway; the other ports follow from it (3600; 0 = look for free ones)
  PACSPACE_DATA_DIR                  everything that is kept (.pacspace)
  PACSPACE_HOST                      address of the gateway and the planes (127.0.0.1)
  PACSPACE_PUBLIC_URL                base URL that people use (http://127.0.0.1:PORT)
  PACSPACE_CONTROL_DATABASE_URL      your own PostgreSQL servers, one database each;
  PACSPACE_SANDBOX_DATABASE_URL        where none is given, one is run in the data directory
  PACSPACE_PRODUCTION_DATABASE_URL
  PACSPACE_SMTP_URL                  your mail server; without it mails stay at /dev/mailbox
  PACSPACE_LOG_LEVEL                 of the files in DATA_DIR/logs (info)`

async function start(isDev: boolean): Promise<number> {
  const startedAt = performance.now()
  const stopping = stopRequests()
  try {
    const settings = readSettings(process.env)
    const supervisor = await startSupervisor({
      settings,
      terminal,
      signal: stopping.signal,
      onStart: (name, pid) => tellStarter({ kind: 'started', name, pid }),
    })
    greet(supervisor, performance.now() - startedAt)
    const mailboxDir = mailboxDirOf(settings)
    if (mailboxDir !== undefined && !isLoopback(settings.host)) terminal.warn(openMailbox)
    const closers = [
      ...(mailboxDir === undefined ? [] : [watchMailbox(mailboxDir, terminal)]),
      ...(isDev ? [watchSources(repositoryRoot, supervisor.processes, terminal)] : []),
    ]
    await stopping.requested
    terminal.say('PacSpace stops …')
    for (const close of closers) close()
    await supervisor.stop()
    return 0
  } catch (error) {
    if (stopping.signal.aborted) return 0
    terminal.warn(explain(error))
    return 1
  }
}

const openMailbox =
  'Every mail of this machine can be read at /dev/mailbox, by anybody who reaches the gateway: ' +
  'with a mail they can take over an account. Set PACSPACE_SMTP_URL before others can connect.'

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

function greet(supervisor: Supervisor, tookMs: number): void {
  const { addresses, isFirstStart } = supervisor
  if (isFirstStart) terminal.say(firstSteps(addresses.baseUrl, randomBytes(9).toString('base64url')))
  terminal.say(
    `PacSpace is ready at ${addresses.baseUrl} (after ${(tookMs / 1_000).toFixed(1)} s; Ctrl-C stops it)`,
  )
  tellStarter({ kind: 'ready', addresses })
}

/**
 * SIGTERM, Ctrl-C, a closed terminal, and the end of a program that started us with a channel (`startStack`) ask for
 * a stop. A second Ctrl-C leaves everything at once: the services notice by themselves, the next start finds the rest.
 */
function stopRequests(): { signal: AbortSignal; requested: Promise<void> } {
  const abort = new AbortController()
  const { promise, resolve } = Promise.withResolvers<void>()
  const request = (signal: NodeJS.Signals | 'disconnect') => {
    if (abort.signal.aborted && signal === 'SIGINT') process.exit(1)
    abort.abort()
    resolve()
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => request(signal))
  process.once('disconnect', () => request('disconnect'))
  return { signal: abort.signal, requested: promise }
}

function tellStarter(message: SupervisorMessage): void {
  if (process.connected) process.send?.(message)
}
