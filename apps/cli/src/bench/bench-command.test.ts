import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { handedOn } from '../start/settings.ts'
import { processesNaming } from '../start/testing/processes.ts'
import { temporaryFolder } from '../start/testing/temporary-folder.ts'
import type { Row } from './report.ts'

const LEAVE_TIMEOUT_MS = 20_000

const main = fileURLToPath(import.meta.resolve('../main.ts'))

test('pacspace bench measures the plane beside the bare ceiling and leaves nothing', {
  timeout: 300_000,
}, async () => {
  await using folder = await temporaryFolder()
  await using out = await temporaryFolder()
  const file = join(out.path, 'figures.json')
  const args = ['bench', '--quick', '--burst', '1', '--only', 'single-64', '--json', file]
  const child = spawn(process.execPath, [main, ...args], {
    env: { ...handedOn(process.env), TMPDIR: folder.path },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const output = (await child.stdout.setEncoding('utf8').toArray()).join('')
  assert.match(
    output,
    /single emits, 64 connections: [\d,]+\/s of [\d,]+\/s bare \([\d,]+\/s without .*\), p50 .* drained in .* s \[\d+ %/,
  )
  const { quick, rows } = JSON.parse(await readFile(file, 'utf8')) as { quick: boolean; rows: Row[] }
  assert.equal(quick, true)
  assert.equal(rows.length, 1)
  assert.ok((rows[0]?.ratio ?? 0) > 0)
  assert.equal(rows[0]?.reached, null, 'a quick run is held against no bar')
  // The watchdog of the temporary cluster follows the bench, it does not precede it.
  const isAlone = async () => (await processesNaming(folder.path)).length === 0
  assert.ok(await waitUntil(isAlone, LEAVE_TIMEOUT_MS), 'no process is left')
  assert.deepEqual(await readdir(folder.path), [])
})
