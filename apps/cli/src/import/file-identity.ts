import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'

/** What a file is, whatever it is called. */
export interface FileIdentity {
  /** SHA-256 of its bytes, hex. */
  readonly sha256: string
  readonly sizeBytes: number
}

/** A file that cannot be imported at all: shown as it is. */
export class ImportError extends Error {
  override name = 'ImportError'
}

/**
 * Reads the whole file once. Refuses, with an `ImportError`, what is not UTF-8: a lenient decoder would turn different
 * customer names into the same replacement characters.
 */
export async function identifyFile(path: string): Promise<FileIdentity> {
  const hash = createHash('sha256')
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      hash.update(chunk)
      utf8.decode(chunk, { stream: true })
    }
    utf8.decode()
  } catch (error) {
    if (error instanceof TypeError) throw new ImportError(`${path} is not UTF-8 text`, { cause: error })
    const why = error instanceof Error ? error.message : String(error)
    throw new ImportError(`${path} cannot be read: ${why}`, { cause: error })
  }
  return { sha256: hash.digest('hex'), sizeBytes: (await stat(path)).size }
}
