import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProblemCode } from '@pacspace/api/problem'

/** Set by the test runner to the folder in which the run's answers are recorded. */
export const coverageDirVariable = 'PACSPACE_COVERAGE_DIR'

/** What an endpoint was seen to answer. */
export type Outcome = 'success' | ProblemCode

const recorded = new Set<string>()

/** Notes that a real, validated answer of that kind was seen. Does nothing outside a whole test run. */
export function recordOutcome(endpointId: string, outcome: Outcome): void {
  const dir = process.env[coverageDirVariable]
  const line = `${endpointId} ${outcome}`
  if (dir === undefined || dir === '' || recorded.has(line)) return
  recorded.add(line)
  mkdirSync(dir, { recursive: true })
  // One file a process: test files run side by side. Synchronous, so that a process that dies loses nothing.
  appendFileSync(join(dir, `${process.pid}.txt`), `${line}\n`)
}

/** Every `endpointId outcome` recorded in the run, by all its processes. */
export function recordedOutcomes(dir: string): Set<string> {
  const lines = readdirSync(dir).flatMap((name) => readFileSync(join(dir, name), 'utf8').split('\n'))
  return new Set(lines.filter((line) => line !== ''))
}
