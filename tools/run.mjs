/**
 * Runs a command of this repository under its pinned Node: `node tools/run.mjs test`, mostly through `npm test`.
 *
 * It works on any Node from 20 on: it first installs the pinned Node and npm (tools/node), then, under those,
 * the dependencies, and only then starts the command. Once installed it needs no network. Plain JavaScript
 * without dependencies, because it runs before there are any and before Node is known to understand TypeScript.
 */
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureDashboard } from './build-dashboard.mjs'
import { runForeground } from './foreground.mjs'
import { commandEnvironment, ensureInstalled, InstallError, unsupportedReason } from './install.mjs'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const CLI = 'apps/cli/src/main.ts'

/** What each command runs under the pinned Node, from the root; further arguments are appended. */
const COMMANDS = {
  start: [CLI, 'start'],
  dev: [CLI, 'start', '--dev'],
  demo: [CLI, 'demo'],
  fsck: [CLI, 'fsck'],
  bench: [CLI, 'bench'],
  pacspace: [CLI],
  test: ['tools/test.ts'],
  check: ['tools/check.ts'],
  gen: ['tools/gen.ts'],
  'new:endpoint': ['tools/new-endpoint.ts'],
  screenshots: ['tools/screenshots.ts'],
  'measure:dashboard': ['tools/measure-dashboard.ts'],
  setup: [],
}

/** Commands that serve the dashboard, or test it. */
const WITH_DASHBOARD = ['start', 'dev', 'demo', 'test', 'setup', 'screenshots', 'measure:dashboard']

/** @param {readonly string[]} argv the command and its arguments */
async function main([name = '', ...args]) {
  const refusal = unsupportedReason(process.versions.node, process.platform, process.arch)
  if (refusal) return fail(refusal)
  if (!Object.hasOwn(COMMANDS, name)) {
    return fail(`Usage: node tools/run.mjs <${Object.keys(COMMANDS).join('|')}> [arguments]`, 2)
  }
  const command = COMMANDS[/** @type {keyof typeof COMMANDS} */ (name)]
  try {
    const node = await ensureInstalled(ROOT)
    if (WITH_DASHBOARD.includes(name)) await ensureDashboard(ROOT, node)
    if (command.length === 0) return 0
    return await runForeground(node, [...command, ...args], ROOT, commandEnvironment(ROOT, process.env))
  } catch (error) {
    if (error instanceof InstallError) return fail(error.message, error.exitCode)
    throw error
  }
}

function fail(/** @type {string} */ message, exitCode = 1) {
  process.stderr.write(`${message}\n`)
  return exitCode
}

process.exitCode = await main(process.argv.slice(2))
