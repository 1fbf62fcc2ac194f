import { run } from 'node:test'
import type { TestEvent } from 'node:test/reporters'

type RunOptions = NonNullable<Parameters<typeof run>[0]>

/** The lines with which node:test ends a run: `tests 12`, `duration_ms 898.1`. */
const TALLY = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/

/**
 * Runs one part of the test files after the other, each only if those before it held, and gives the events of all
 * as those of a single run: the tallies are added up and come last, once.
 *
 * @param outcome set to false by a part that fails
 */
export async function* runInOrder(
  parts: readonly (readonly string[])[],
  outcome: { success: boolean },
  options: RunOptions,
): AsyncGenerator<TestEvent> {
  const tally = new Map<string, number>()
  for (const files of parts) {
    if (!outcome.success) break
    // `run` is typed as a stream of anything.
    for await (const event of run({ ...options, files: [...files] }) as AsyncIterable<TestEvent>) {
      const line =
        event.type === 'test:diagnostic' && event.data.nesting === 0 && TALLY.exec(event.data.message)
      if (line) tally.set(line[1] ?? '', (tally.get(line[1] ?? '') ?? 0) + Number(line[2]))
      else if (event.type === 'test:summary' && event.data.file === undefined)
        outcome.success &&= event.data.success
      else yield event
    }
  }
  for (const [name, count] of tally) yield tallyLine(name, count)
}

function tallyLine(name: string, count: number): TestEvent {
  return {
    type: 'test:diagnostic',
    data: { nesting: 0, message: `${name} ${count}`, level: 'info' },
  } as TestEvent // a reporter reads no other member of a diagnostic
}
