import assert from 'node:assert/strict'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { loadSecrets } from './secrets.ts'
import { StartError } from './start-error.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

it('secrets are made once, each another, and stay', async () => {
  await using folder = await temporaryFolder()
  const first = await loadSecrets(folder.path)
  const { sandbox, production } = first.planes
  const all = [first.jwtSecret, first.auditKey, ...Object.values(sandbox), ...Object.values(production)]
  assert.equal(new Set(all).size, 8)
  for (const secret of all) assert.equal(Buffer.from(secret, 'base64').length, 32)
  assert.deepEqual(await loadSecrets(folder.path), first)
})

it('made by several at once, all get the same', async () => {
  await using folder = await temporaryFolder()
  const all = await Promise.all(Array.from({ length: 8 }, () => loadSecrets(folder.path)))
  for (const secrets of all) assert.deepEqual(secrets, all[0])
})

it('nobody but the owner may read them, and no draft is left', async () => {
  await using folder = await temporaryFolder()
  await loadSecrets(folder.path)
  const path = join(folder.path, 'secrets')
  assert.equal((await stat(path)).mode & 0o777, 0o700)
  const names = (await readdir(path)).sort()
  assert.deepEqual(names, [
    'audit.json',
    'control.json',
    'production-webhooks.json',
    'production.json',
    'sandbox-webhooks.json',
    'sandbox.json',
  ])
  for (const name of names) assert.equal((await stat(join(path, name))).mode & 0o777, 0o600)
})

it('a plane has a file of its own that holds nothing of the other', async () => {
  await using folder = await temporaryFolder()
  const { planes } = await loadSecrets(folder.path)
  const sandbox = await readFile(join(folder.path, 'secrets/sandbox.json'), 'utf8')
  for (const secret of Object.values(planes.production)) assert.ok(!sandbox.includes(secret))
})

for (const damage of ['', '{}', 'null', '{"internalSecret":"x","masterKey":"y"}']) {
  it(`a file damaged to ${JSON.stringify(damage)} is refused, never replaced: logs are encrypted under it`, async () => {
    await using folder = await temporaryFolder()
    await loadSecrets(folder.path)
    const path = join(folder.path, 'secrets/production.json')
    await writeFile(path, damage)
    await assert.rejects(loadSecrets(folder.path), StartError)
    assert.equal(await readFile(path, 'utf8'), damage)
  })
}
