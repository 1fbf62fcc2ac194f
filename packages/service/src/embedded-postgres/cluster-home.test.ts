import assert from 'node:assert/strict'
import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { ClusterError } from './cluster-error.ts'
import { findClusterHome } from './cluster-home.ts'
import { createScratchFolder } from './scratch-folder.ts'

const isRoot = process.getuid?.() === 0

describe('findClusterHome', () => {
  let folder: string
  let standIns: string

  beforeEach(async () => {
    folder = await createScratchFolder('pacspace-home-')
    standIns = join(folder, 'stand-ins')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('is the folder asked for, created with its parents so that the server may pass', async () => {
    const umask = process.umask(0o077)
    try {
      const dir = join(folder, 'deep', 'cluster')
      const { home, dataDir } = await findClusterHome(dir, standIns)
      assert.equal(home, dir)
      assert.equal(dataDir, join(dir, 'data'))
      assert.equal((await stat(join(folder, 'deep'))).mode & 0o777, 0o711)
      assert.equal((await stat(dir)).mode & 0o777, 0o711)
    } finally {
      process.umask(umask)
    }
  })

  describe('as root, in a private folder', { skip: !isRoot }, () => {
    let dir: string
    beforeEach(async () => {
      dir = join(folder, 'private', 'cluster')
      await mkdir(dir, { recursive: true })
      await chmod(join(folder, 'private'), 0o700)
    })

    it('is a stand-in, the same one each time, and another one for another folder', async () => {
      const { home } = await findClusterHome(dir, standIns)
      assert.equal(join(home, '..'), standIns)
      assert.equal((await findClusterHome(dir, standIns)).home, home)
      assert.notEqual((await findClusterHome(`${dir}-other`, standIns)).home, home)
    })

    it('is one stand-in for all who start at the same time', async () => {
      const found = await Promise.all([1, 2, 3].map(() => findClusterHome(dir, standIns)))
      assert.equal(new Set(found.map(({ home }) => home)).size, 1)
    })

    it('stays the stand-in although the folder has been opened, and renamed, since', async () => {
      const { home } = await findClusterHome(dir, standIns)
      await chmod(join(folder, 'private'), 0o755)
      await rename(dir, `${dir}-renamed`)
      assert.equal((await findClusterHome(`${dir}-renamed`, standIns)).home, home)
    })

    it('a new folder in the place of a deleted one does not inherit its data', async () => {
      const { home } = await findClusterHome(dir, standIns)
      await rm(dir, { recursive: true })
      assert.notEqual((await findClusterHome(dir, standIns)).home, home)
    })

    it('data that cannot be entered is refused and not replaced by an empty cluster', async () => {
      await mkdir(join(dir, 'data'))
      await assert.rejects(findClusterHome(dir, standIns), (error) => {
        assert.ok(error instanceof ClusterError)
        assert.equal(error.code, 'DATA_UNREACHABLE')
        assert.match(error.message, new RegExp(`${folder}/private `))
        return true
      })
    })
  })
})
