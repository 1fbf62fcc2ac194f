#!/usr/bin/env node
import { Command } from 'commander'

/** A command's file: `src/<command>/<command>-command.ts`. */
type Define = (program: Command) => void

/**
 * Every command. Only the one that is asked for is loaded, so that `start` does not pay for what `bench` needs; all
 * of them for `--help`.
 */
const commands: Readonly<Record<string, () => Promise<Define>>> = {
  start: async () => (await import('./start/start-command.ts')).defineStartCommand,
  admin: async () => (await import('./admin/admin-command.ts')).defineAdminCommand,
  fsck: async () => (await import('./fsck/fsck-command.ts')).defineFsckCommand,
  import: async () => (await import('./import/import-command.ts')).defineImportCommand,
  bench: async () => (await import('./bench/bench-command.ts')).defineBenchCommand,
  listen: async () => (await import('./listen/listen-command.ts')).defineListenCommand,
  verify: async () => (await import('./verify/verify-command.ts')).defineVerifyCommand,
  demo: async () => (await import('./demo/demo-command.ts')).defineDemoCommand,
}

const program = new Command('pacspace')
  .description('Usage-based settlement that two parties can trust without trusting each other')
  .enablePositionalOptions()
  .showHelpAfterError()

const asked = commands[process.argv[2] ?? '']
for (const load of asked === undefined ? Object.values(commands) : [asked]) (await load())(program)

await program.parseAsync()
