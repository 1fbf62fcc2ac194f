import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A disk of its own: an ext4 file system in a file, mounted. Linux, as root. */
export interface Volume extends AsyncDisposable {
  /** Where it is mounted. */
  readonly path: string
  /** Takes all space that is left. */
  fill(): Promise<void>
  /** Gives that space back. */
  free(): Promise<void>
  setReadOnly(isReadOnly: boolean): Promise<void>
  /**
   * A copy of the disk as it is at this moment, mounted as after a power cut: what was written to the file system and not
   * flushed is in the kernel's memory and not in the file that the disk is, so not in the copy either. Whoever writes must
   * be stopped first; that the kernel wrote nothing of itself meanwhile is checked.
   */
  copyAfterPowerCut(): Promise<Volume>
}

const COPY_TRIES = 20
const UMOUNT_TRIES = 50
const UMOUNT_PAUSE_MS = 100
const MIB = 2 ** 20

/** Why no volume can be mounted here; undefined where one can. Tries it. */
export function whyNoVolumes(): string | undefined {
  if (process.platform !== 'linux') return 'loop mounts are tried on Linux only'
  if (process.getuid?.() !== 0) return 'only root may mount a volume'
  const folder = mkdtempSync(join(tmpdir(), 'pacspace-volume-'))
  const image = join(folder, 'image')
  try {
    execFileSync('truncate', ['-s', '2M', image])
    execFileSync('mkfs.ext4', ['-q', '-F', image], { stdio: 'ignore' })
    execFileSync('mount', ['-o', 'loop', image, folder], { stdio: 'ignore' })
    execFileSync('umount', [folder], { stdio: 'ignore' })
    return undefined
  } catch (error) {
    return `no volume can be mounted: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A new, empty disk. */
export async function mountVolume(options: { readonly sizeMiB: number }): Promise<Volume> {
  const folder = await newFolder()
  const image = join(folder, 'image')
  await run('truncate', ['-s', `${options.sizeMiB}M`, image])
  await run('mkfs.ext4', ['-q', '-F', '-m', '0', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image])
  return mountImage(folder, image)
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pacspace-volume-'))
  await chmod(folder, 0o711) // a server that is not root passes through
  return folder
}

async function mountImage(folder: string, image: string): Promise<Volume> {
  const path = join(folder, 'mounted')
  await mkdir(path, { mode: 0o755 })
  await run('mount', ['-o', 'loop', image, path])
  const atExit = () => execFileSync('umount', ['-l', path], { stdio: 'ignore' })
  process.once('exit', atExit)
  const filler = join(path, 'filler')
  return {
    path,
    fill: () => fillUp(path, filler),
    free: () => rm(filler, { force: true }),
    async setReadOnly(isReadOnly) {
      await run('mount', ['-o', `remount,${isReadOnly ? 'ro' : 'rw'}`, path])
    },
    async copyAfterPowerCut() {
      const target = await newFolder()
      const copy = join(target, 'image')
      await copyUnchanged(image, copy)
      return mountImage(target, copy)
    },
    async [Symbol.asyncDispose]() {
      process.off('exit', atExit)
      await unmount(path)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Blocks that are taken one after the other, the last ones singly, until there is none. */
async function fillUp(path: string, filler: string): Promise<void> {
  const { bavail, bsize } = await statfs(path)
  await run('fallocate', ['-l', String(Math.max(1, bavail * bsize - MIB)), filler])
  const file = await open(filler, 'a')
  try {
    for (;;) await file.write(Buffer.alloc(bsize, 1))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    await file.close()
  }
}

/** Copies a file that may be written at any time. Equal after the copy to what it was before it: so it was all along. */
async function copyUnchanged(from: string, to: string): Promise<void> {
  for (let tries = 0; tries < COPY_TRIES; tries++) {
    await run('cp', ['--sparse=always', from, to])
    const isEqual = await run('cmp', ['-s', from, to]).then(
      () => true,
      () => false,
    )
    if (isEqual) return
  }
  throw new Error(`${from} is written to all the time`)
}

async function unmount(path: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await run('umount', [path])
      return
    } catch (error) {
      // Somebody who was killed is still letting go of it.
      if (tries === UMOUNT_TRIES) throw error
      await new Promise((resolve) => setTimeout(resolve, UMOUNT_PAUSE_MS))
    }
  }
}
