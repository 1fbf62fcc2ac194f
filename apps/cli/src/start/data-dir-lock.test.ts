import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { lockDataDir, lockHolder } from './data-dir-lock.ts'
import { StartError } from './start-error.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

it('a data directory has one holder; the second is refused by name', async () => {
  await using folder = await temporaryFolder()
  const lock = await lockDataDir(folder.path)
  await assert.rejects(lockDataDir(folder.path), (error) => {
    return error instanceof StartError && error.message.includes(`process ${process.pid}`)
  })
  assert.equal(await lockHolder(folder.path), process.pid)
  assert.equal(lock.isInherited, false)
})

it('given back, it can be taken again and nothing is left behind', async () => {
  await using folder = await temporaryFolder()
  const first = await lockDataDir(folder.path)
  await first.release()
  await first.release()
  assert.deepEqual(await readdir(folder.path), [])
  const second = await lockDataDir(folder.path)
  await first.release() // not his any more
  assert.equal(await lockHolder(folder.path), process.pid)
  assert.equal(second.isInherited, false)
})

it('the lock of a process that was killed is inherited', async () => {
  await using folder = await temporaryFolder()
  const gone = spawn(process.execPath, ['-e', ''])
  await once(gone, 'exit')
  await writeFile(join(folder.path, `supervisor.lock.${gone.pid}.12345.x`), '')
  assert.equal(await lockHolder(folder.path), undefined)
  const lock = await lockDataDir(folder.path)
  assert.equal(lock.isInherited, true)
  await lock.release()
  assert.deepEqual(await readdir(folder.path), [])
})

it('a stranger who got the number of a dead holder does not hold the lock', {
  skip: process.platform !== 'linux',
}, async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, `supervisor.lock.${process.pid}.1.x`), '')
  assert.equal((await lockDataDir(folder.path)).isInherited, true)
})

it('of many who start at once on a dead lock, one at most gets it', async () => {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, 'supervisor.lock.999999999.1.x'), '')
  const lockModule = import.meta.resolve('./data-dir-lock.ts')
  const script = `
    const { lockDataDir } = await import(${JSON.stringify(lockModule)})
    const outcome = await lockDataDir(${JSON.stringify(folder.path)}).then(() => 'held', (error) => error.name)
    process.stdout.write(outcome)
    process.stdin.resume() // stay until the others have tried: a dead holder is no holder
  `
  const rivals = Array.from({ length: 8 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script]),
  )
  const outcomes = await Promise.all(
    rivals.map(async (rival) => String((await once(rival.stdout, 'data'))[0])),
  )
  for (const rival of rivals) rival.stdin.end()
  await Promise.all(rivals.map((rival) => rival.exitCode ?? once(rival, 'exit')))
  assert.ok(outcomes.filter((outcome) => outcome === 'held').length <= 1)
  assert.deepEqual(
    outcomes.filter((outcome) => outcome !== 'held' && outcome !== 'StartError'),
    [],
  )
})
