/** Runs the independent Python implementation (`independent.py`) for the cross-checks P1, P6 and P11. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('independent.py', import.meta.url))
const PYTHON = 'python3'

/** The `skip` option of a cross-check: false where Python is at hand, else the sentence that the report shows. */
export const skipWithoutPython: false | string =
  spawnSync(PYTHON, ['--version']).status === 0 ? false : `skipped: no ${PYTHON} for the independent implementation`

/** What the implementation answers to `input`: its standard output without the last newline. Throws if it fails. */
export function askIndependent(mode: 'jcs' | 'trees' | 'vectors', input: string): string {
  const run = spawnSync(PYTHON, [SCRIPT, mode], { input, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (run.status !== 0) throw new Error(`independent.py ${mode} failed: ${run.stderr}`)
  return run.stdout.trimEnd()
}
