/**
 * Runs the tests of the whole repository, or those named: `npm test`, `npm test -- packages/proofs`,
 * `npm test -- ledger --test-name-pattern=R8`. Words select test files by a part of their path, the options are
 * node:test's. All files share one PostgreSQL cluster, in which each works in databases of its own, and those that test in
 * the browser share a process, with one stack and one Chromium.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { spec } from 'node:test/reporters'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { browserFilesVariable } from '@pacspace/testing/browser-files'
import { coverageDirVariable } from '@pacspace/testing/coverage-record'
import { startTestCluster, testPostgresUrlVariable } from '@pacspace/testing/test-postgres'
import { runInOrder } from './test-parts.ts'

const ROOT = dirname(import.meta.dirname)
const TEST_FILES = '{packages,apps,test,tools}/**/*.test.ts'
/** Runs last, and only after all others succeeded: it asks what they have covered. */
const COVERAGE_TEST = 'test/endpoint-coverage.test.ts'
const CHROMIUM_DEFAULT = '/usr/bin/chromium'
/** Run together in one process, by the file below, which holds a stack and a browser for all of them. */
const BROWSER_TESTS = 'test/browser/'
const BROWSER_TOGETHER = fileURLToPath(new URL('../test/browser/together.ts', import.meta.url))
/** No test may hang for ever; the slowest one takes a small part of this. */
const TEST_TIMEOUT_MS = 900_000

const { values: patterns, positionals: words } = parseArgs({
  allowPositionals: true,
  options: {
    'test-name-pattern': { type: 'string', multiple: true },
    'test-skip-pattern': { type: 'string', multiple: true },
  },
})
const files = testFiles(words)
if (files.length === 0) {
  console.error(`No test file's path contains ${words.join(' or ')}.`)
  process.exitCode = 1
} else {
  process.exitCode = (await runTests(files)) ? 0 : 1
}

/** Test files whose path contains one of the words, or all of them. */
function testFiles(words: readonly string[]): string[] {
  const all = globSync(TEST_FILES, { cwd: ROOT, exclude: (path) => path.includes('node_modules') }).sort()
  const wanted = words.map((word) => word.replace(/^\.\//, ''))
  return wanted.length === 0 ? all : all.filter((file) => wanted.some((word) => file.includes(word)))
}

/** Runs the files and gives whether all of them held. A signal stops them, and what was started for them. */
async function runTests(files: readonly string[]): Promise<boolean> {
  const chromium = process.env.CHROMIUM_PATH ?? CHROMIUM_DEFAULT
  if (existsSync(chromium)) process.env.CHROMIUM_PATH = chromium
  for (const line of missingForOptionalTests(chromium)) console.log(line)

  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupt.abort())
  const coverageDir = mkdtempSync(join(tmpdir(), 'pacspace-coverage-'))
  const cluster = process.env[testPostgresUrlVariable] ? undefined : startTestCluster()
  try {
    // Most of a start is reading TypeScript: processes that tests start, and kill, find it compiled.
    process.env.NODE_COMPILE_CACHE ??= join(ROOT, 'node_modules', '.cache', 'compile')
    const started = await cluster
    if (started) process.env[testPostgresUrlVariable] = started.url
    const inProcesses = browserTogether(files)
    const parts = isWhole()
      ? [inProcesses.filter((file) => file !== COVERAGE_TEST), [COVERAGE_TEST]]
      : [inProcesses]
    // Only a run of everything can say what nothing covers.
    if (isWhole()) process.env[coverageDirVariable] = coverageDir
    const outcome = { success: true }
    const events = runInOrder(parts, outcome, {
      cwd: ROOT,
      // One more than there are processors: what waits for a database or a browser leaves them idle.
      concurrency: availableParallelism() + 1,
      timeout: TEST_TIMEOUT_MS,
      signal: interrupt.signal,
      testNamePatterns: patterns['test-name-pattern'] ?? [],
      testSkipPatterns: patterns['test-skip-pattern'] ?? [],
    })
    await pipeline(Readable.from(events), spec(), process.stdout, { end: false })
    return outcome.success && !interrupt.signal.aborted
  } finally {
    rmSync(coverageDir, { recursive: true, force: true })
    await (await cluster)?.stop()
  }
}

/**
 * Puts one file in the place of all that test in the browser, where there are several. First: it takes the longest, and the
 * others run beside it.
 */
function browserTogether(files: readonly string[]): readonly string[] {
  const browser = files.filter((file) => file.startsWith(BROWSER_TESTS))
  if (browser.length < 2) return files
  process.env[browserFilesVariable] = browser.join(':')
  return [BROWSER_TOGETHER, ...files.filter((file) => !browser.includes(file))]
}

function isWhole(): boolean {
  return words.length === 0 && Object.keys(patterns).length === 0
}

/** Says which tests will skip themselves here, and what they would need. Printed first: the last lines are the tally. */
function missingForOptionalTests(chromium: string): string[] {
  const lines: string[] = []
  if (!existsSync(chromium)) {
    lines.push(`Skipping browser tests: no Chromium at ${chromium} (set CHROMIUM_PATH, or install it).`)
  }
  if (spawnSync('python3', ['--version']).status !== 0) {
    lines.push('Skipping cross-checks against Python: no python3 on the PATH.')
  }
  return lines
}
