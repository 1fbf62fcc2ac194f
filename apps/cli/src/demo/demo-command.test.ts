import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { handedOn } from '../start/settings.ts'
import { processesNaming } from '../start/testing/processes.ts'
import { temporaryFolder } from '../start/testing/temporary-folder.ts'
import { expectedBalances } from './flight-counts.ts'

const main = fileURLToPath(import.meta.resolve('../main.ts'))

/** Runs `pacspace demo` with a folder for temporary files of its own, and asserts that nothing is left in it or of it. */
async function demo(killAt?: RegExp): Promise<{ code: number | null; output: string }> {
  await using folder = await temporaryFolder()
  const child = spawn(process.execPath, [main, 'demo'], {
    env: { ...handedOn(process.env), TMPDIR: folder.path },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (killAt?.test(output)) child.kill('SIGTERM')
    })
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  assert.deepEqual(await readdir(folder.path), [], 'no file is left')
  assert.deepEqual(await processesNaming(folder.path), [], 'no process is left')
  return { code, output }
}

describe('pacspace demo', { timeout: 300_000 }, () => {
  it('runs unattended to its end: every balance and the proof hold, and nothing is left', async () => {
    const { code, output } = await demo()
    assert.equal(code, 0, output)
    assert.match(output, /✓ 5,366 rows of real data .* are imported, [\d,]+ deltas\/s/)
    assert.match(output, /✓ All 5,366 deltas are VERIFIED/)
    assert.match(output, /✓ The balances of all 303 customers equal the sums of the file/)
    assert.match(
      output,
      /\n {4}VERIFIED: delta \d+ of ATL, number 173 in its ledger, balance after it 414513,/,
    )
    assert.match(output, /\n {4}NOT VERIFIED: logRoot is wrong\./)
  })

  it('asked to end in the middle it stops everything and leaves nothing', async () => {
    const { code, output } = await demo(/The stack runs at/)
    assert.equal(code, 130)
    assert.doesNotMatch(output, /All of it held/)
  })

  it('sums up a file of several thousand rows and several hundred customers', async () => {
    const { rows, balances } = await expectedBalances()
    assert.equal(rows, 5_366)
    assert.equal(balances.size, 303)
    assert.equal(balances.get('ATL'), 414_513n)
  })
})
