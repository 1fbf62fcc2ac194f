import { access, chmod, constants, mkdtemp, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const memoryFolder = '/dev/shm'
/** Below this a few tests with a million rows each could fill it. Docker gives a container 64 MB. */
const memoryBytesMin = 4 * 1024 ** 3

/**
 * Creates a temporary folder for a cluster that need not last; the caller removes it. In memory where there is plenty:
 * a new database is 300 new files, which took 250 ms on an ext4 disk and 40 ms there.
 */
export async function createScratchFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(join((await isMemoryPlentiful()) ? memoryFolder : tmpdir(), prefix))
  await chmod(folder, 0o711) // run by root, the server is another user
  return folder
}

async function isMemoryPlentiful(): Promise<boolean> {
  try {
    await access(memoryFolder, constants.W_OK)
    const { bavail, bsize } = await statfs(memoryFolder)
    return Math.min(bavail * bsize, process.availableMemory()) >= memoryBytesMin
  } catch {
    return false // macOS has no such folder
  }
}
