import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { explain } from '../start/command-errors.ts'
import { runDemo } from './run-demo.ts'

/** `pacspace demo`: the whole product with real data, unattended; leaves nothing behind. */
export function defineDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('run the whole product on real data, check every balance and a proof, and clean up')
    .action(async () => {
      process.exitCode = await demo()
      process.exit()
    })
}

/** 0 when everything came out right, 1 otherwise, 130 after Ctrl-C. */
async function demo(): Promise<number> {
  // On a disk like any other data directory: what the demo calls durable must be.
  const folder = await mkdtemp(join(tmpdir(), 'pacspace-demo-'))
  await chmod(folder, 0o711) // run by root, PostgreSQL is another user
  const interrupted = Promise.withResolvers<number>()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => interrupted.resolve(130))
  const stack = new AbortController()
  const run = runDemo({ dataDir: join(folder, 'data'), folder, signal: stack.signal }).then(
    () => 0,
    (error: unknown) => {
      if (!stack.signal.aborted) process.stderr.write(`${explain(error)}\n`)
      return 1
    },
  )
  try {
    const code = await Promise.race([run, interrupted.promise])
    stack.abort()
    await run
    return code
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}
