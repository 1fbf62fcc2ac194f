/**
 * Runs the tests of the whole repository, or those named: `npm test`, `npm test -- packages/proofs`,
 * `npm test -- ledger --test-name-pattern=R8`. Plain words select test files by a part of their path; options go
 * to node:test. All files share one PostgreSQL cluster, in which each works in databases of its own.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { coverageDirVariable } from '@pacspace/testing/coverage-record'
import { startTestCluster, testPostgresUrlVariable } from '@pacspace/testing/test-postgres'
import { runForeground } from './foreground.mjs'

const ROOT = dirname(import.meta.dirname)
const TEST_FILES = '{packages,apps,test,tools}/**/*.test.ts'
/** Runs last, and only after all others: it asks what they have covered. */
const COVERAGE_TEST = 'test/endpoint-coverage.test.ts'
const CHROMIUM_DEFAULT = '/usr/bin/chromium'
/** No test may hang for ever; the slowest one takes a small part of this. */
const TEST_TIMEOUT_MS = 600_000
/** What shells give for a program ended by Ctrl-C. */
const EXIT_INTERRUPTED = 130

const args = process.argv.slice(2)
const words = args.filter((arg) => !arg.startsWith('-'))
const files = testFiles(words)
if (files.length === 0) {
  console.error(`No test file's path contains ${words.join(' or ')}.`)
  process.exitCode = 1
} else {
  process.exitCode = await runTests(
    files,
    args.filter((arg) => arg.startsWith('-')),
  )
}

/** Test files whose path contains one of the words, or all of them. */
function testFiles(words: readonly string[]): string[] {
  const all = globSync(TEST_FILES, { cwd: ROOT, exclude: (path) => path.includes('node_modules') })
  const wanted = words.map((word) => word.replace(/^\.\//, ''))
  if (wanted.length === 0) return all.filter((file) => file !== COVERAGE_TEST).sort()
  return all.filter((file) => wanted.some((word) => file.includes(word))).sort()
}

async function runTests(files: readonly string[], options: readonly string[]): Promise<number> {
  const chromium = process.env.CHROMIUM_PATH ?? CHROMIUM_DEFAULT
  for (const line of missingForOptionalTests(chromium)) console.log(line)
  // Only a run of everything can say what nothing covers.
  const isWhole = words.length === 0 && options.length === 0
  const coverageDir = mkdtempSync(join(tmpdir(), 'pacspace-coverage-'))
  const given = process.env[testPostgresUrlVariable]
  const cluster = given ? undefined : startTestCluster()
  // A signal while the cluster starts must not leave it behind; later ones are forwarded to the runner.
  let interrupted = false
  const interrupt = () => {
    interrupted = true
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  try {
    const env = {
      ...process.env,
      [testPostgresUrlVariable]: given ?? (await cluster)?.url,
      ...(isWhole ? { [coverageDirVariable]: coverageDir } : {}),
      ...(existsSync(chromium) ? { CHROMIUM_PATH: chromium } : {}),
    }
    if (interrupted) return EXIT_INTERRUPTED
    const runner = ['--test', '--test-reporter=spec', `--test-timeout=${TEST_TIMEOUT_MS}`]
    const concurrency = `--test-concurrency=${Math.max(2, availableParallelism())}`
    const command = [...runner, concurrency, ...options]
    const exitCode = await runForeground(process.execPath, [...command, ...files], ROOT, env)
    if (exitCode !== 0 || !isWhole) return exitCode
    return await runForeground(process.execPath, [...runner, COVERAGE_TEST], ROOT, env)
  } finally {
    rmSync(coverageDir, { recursive: true, force: true })
    await (await cluster)?.stop()
  }
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
