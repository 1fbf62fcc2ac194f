import type { Command } from 'commander'
import { exitCodeOf } from '../start/command-errors.ts'
import { runOneOff } from '../start/one-off.ts'
import { controlPlane } from '../start/process-plan.ts'
import { readSettings } from '../start/settings.ts'

/** `pacspace admin …`: the operator's door to the control plane, which does not go through HTTP. */
export function defineAdminCommand(program: Command): void {
  program
    .command('admin')
    .description("operate the control plane, e.g. 'admin plan TENANT --tier pilot' ('admin help' lists all)")
    .argument('[arguments...]', 'handed on as they are')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[]) => {
      process.exitCode = await exitCodeOf(() =>
        runOneOff(readSettings(process.env), 'control', (input) => ({
          program: 'apps/control-plane/src/admin.ts',
          args,
          environment: controlPlane(input).environment,
        })),
      )
    })
}
