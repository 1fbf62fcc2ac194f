import type { Command } from 'commander'
import { exitCodeOf } from '../start/command-errors.ts'
import { runOneOff, runOneOffForItsAnswer } from '../start/one-off.ts'
import { controlPlane, type PlanInput, voider } from '../start/process-plan.ts'
import { readSettings, type StackSettings } from '../start/settings.ts'
import { makeVoid, type VoidPrograms } from './make-void.ts'

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
      process.exitCode = await exitCodeOf(async () => {
        const settings = readSettings(process.env)
        const [command, ...rest] = args
        if (command === 'void') return makeVoid(rest, programsOf(settings))
        return runOneOff(settings, 'control', administer(args))
      })
    })
}

function administer(args: readonly string[]) {
  return (input: PlanInput) => ({
    program: 'apps/control-plane/src/admin.ts',
    args,
    environment: controlPlane(input).environment,
  })
}

function programsOf(settings: StackSettings): VoidPrograms {
  return {
    inPlane: (environment, args) =>
      runOneOffForItsAnswer(settings, environment, (input) => voider(input, environment, args)),
    inControl: (args) => runOneOffForItsAnswer(settings, 'control', administer(args)),
  }
}
