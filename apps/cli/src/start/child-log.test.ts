import assert from 'node:assert/strict'
import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { rotateLog, tailLog } from './child-log.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

it('gives each line appended from now on once, in order, also those in pieces', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'x.log')
  await writeFile(path, 'before\n')
  const lines: string[] = []
  const tail = await tailLog(path, (line) => lines.push(line))
  for (const piece of ['one\ntw', 'o\n', '\nthré', 'e\nrest']) await appendFile(path, piece)
  await tail.close()
  assert.deepEqual(lines, ['one', 'two', '', 'thrée'])
})

it('a line without end is given cut instead of filling memory', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'x.log')
  const lines: string[] = []
  const tail = await tailLog(path, (line) => lines.push(line))
  await appendFile(path, 'x'.repeat(100_000))
  await tail.close()
  assert.deepEqual([lines.length, lines[0]?.length], [1, 16 * 1024])
})

it('a log that has grown large is kept aside at the next start, three of them at most', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'x.log')
  for (const text of ['first', 'secnd', 'third', 'forth', 'fifth']) {
    await rotateLog(path, 5)
    await writeFile(path, text)
  }
  await rotateLog(path, 6) // not yet
  assert.deepEqual((await readdir(folder.path)).sort(), ['x.log', 'x.log.1', 'x.log.2', 'x.log.3'])
  assert.equal(await readFile(`${path}.3`, 'utf8'), 'secnd')
  assert.equal(await readFile(path, 'utf8'), 'fifth')
})
