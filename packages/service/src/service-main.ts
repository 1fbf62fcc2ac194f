import { ConfigError } from './config.ts'
import { createLog, type Logger } from './log.ts'
import { onShutdown } from './shutdown.ts'

/** What a process gets to work with while it starts. */
export interface Startup {
  readonly log: Logger
  /** Closed in reverse order at shutdown, each once; also when starting fails half-way. */
  onClose(close: () => Promise<void>): void
}

/**
 * The common shape of every `main.ts`: start, say `ready`, run until a signal, close in reverse order, exit 0.
 * A wrong configuration is listed and ends the process with 78 (EX_CONFIG), any other failure to start with 1.
 * `name`: `data-plane sandbox api`, on every line of the log. Log level by `PACSPACE_LOG_LEVEL`.
 */
export async function runService(name: string, start: (startup: Startup) => Promise<object>): Promise<void> {
  const level = process.env.PACSPACE_LOG_LEVEL
  const log = createLog({ service: name, ...(level ? { level } : {}) })
  const closers: (() => Promise<void>)[] = []
  const closeAll = async () => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close()
  }
  // State may be broken after either: end, and let the supervisor start a clean process.
  const crash = (error: unknown) => {
    log.fatal({ err: error }, 'unexpected failure')
    process.exit(1)
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)
  onShutdown(log, closeAll)
  try {
    const facts = await start({ log, onClose: (close) => closers.push(close) })
    log.info(facts, 'ready')
  } catch (error) {
    if (error instanceof ConfigError) log.fatal({ refusals: error.refusals }, 'wrong configuration')
    else log.fatal({ err: error }, 'start failed')
    await closeAll().catch(() => {})
    process.exit(error instanceof ConfigError ? EXIT_CONFIG : 1)
  }
}

/** sysexits.h: something in the configuration. */
const EXIT_CONFIG = 78
