import { ClusterError } from '@pacspace/service/embedded-postgres/cluster-error'
import { StartError } from './start-error.ts'
import { terminal } from './terminal.ts'

/** Runs a command; gives its exit code, or 1 after telling why it could not go on. */
export async function exitCodeOf(command: () => Promise<number>): Promise<number> {
  try {
    return await command()
  } catch (error) {
    terminal.warn(explain(error))
    return 1
  }
}

/** What an operator can act on, as it is; anything else with its stack. */
export function explain(error: unknown): string {
  if (error instanceof StartError || error instanceof ClusterError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
