import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file with that content in a folder of its own; both go with the scope. */
export interface TemporaryFile extends AsyncDisposable {
  readonly path: string
}

/** Writes a CSV file for a test. */
export async function temporaryCsv(content: string | Uint8Array): Promise<TemporaryFile> {
  const folder = await mkdtemp(join(tmpdir(), 'pacspace-import-'))
  const path = join(folder, 'usage.csv')
  await writeFile(path, content)
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}
