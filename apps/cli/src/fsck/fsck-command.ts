import { type Environment, environments } from '@pacspace/api/environment'
import { Argument, type Command } from 'commander'
import { exitCodeOf } from '../start/command-errors.ts'
import { runOneOff } from '../start/one-off.ts'
import { checker } from '../start/process-plan.ts'
import { readSettings } from '../start/settings.ts'

/** `pacspace fsck`: derives everything again from the stored rows and names what differs. Exit code 0 = all is well. */
export function defineFsckCommand(program: Command): void {
  program
    .command('fsck')
    .description(
      'check every stored delta, tree, balance, signature and anchor again, beside a running stack or without',
    )
    .addArgument(new Argument('[plane]', 'only this plane').choices(environments))
    .argument('[arguments...]', 'handed on as they are')
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (plane: Environment | undefined, args: string[]) => {
      process.exitCode = await exitCodeOf(() =>
        checkPlanes(plane === undefined ? environments : [plane], args),
      )
    })
}

async function checkPlanes(planes: readonly Environment[], args: readonly string[]): Promise<number> {
  const settings = readSettings(process.env)
  let worst = 0
  for (const plane of planes) {
    process.stderr.write(`${plane}:\n`) // the report itself is one line of JSON on stdout
    const code = await runOneOff(settings, plane, (input) => checker(input, plane, args))
    worst = Math.max(worst, code)
  }
  return worst
}
