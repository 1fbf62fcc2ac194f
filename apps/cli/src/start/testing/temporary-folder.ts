import { rm } from 'node:fs/promises'
import { createScratchFolder } from '@pacspace/service/embedded-postgres/scratch-folder'

/** A folder of a test's own that PostgreSQL's user may pass through, and that disappears with it. */
export async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await createScratchFolder('pacspace-')
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}
