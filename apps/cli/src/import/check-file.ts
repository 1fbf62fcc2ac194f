import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { ImportError } from './import-error.ts'
import { readBatches } from './read-batches.ts'
import { type RowMapping, rowMapper } from './row-mapping.ts'

/** How a file is read. */
export interface FileReading {
  readonly path: string
  readonly mapping: RowMapping
  /** One character between cells. */
  readonly delimiter: string
}

/** A row that is not written, and why. */
export interface RefusedRow {
  /** Where it begins in the file, from 1. */
  readonly line: number
  readonly why: string
}

/** What a file holds; found before anything is sent. */
export interface CheckedFile {
  /** SHA-256 of its bytes, hex. */
  readonly sha256: string
  /** Data rows: `deltas` + `zeros` + `refused`. */
  readonly rows: number
  readonly deltas: number
  readonly zeros: number
  readonly refused: readonly RefusedRow[]
  readonly customers: number
  /** Fails with an `ImportError` if the file is another one by now. */
  assertUnchanged(): Promise<void>
}

const CHECK_BATCH_ROWS = 1_000

/**
 * Reads a whole file without sending anything, so that a file that cannot be read to its end writes nothing at all.
 * Raises `ImportError` for what is no CSV in UTF-8 with the mapping's columns; bad rows are listed.
 */
export async function checkFile({ path, mapping, delimiter }: FileReading): Promise<CheckedFile> {
  const hash = createHash('sha256')
  const before = await versionOf(path)
  const counts = { rows: 0, deltas: 0, zeros: 0 }
  const refused: RefusedRow[] = []
  const customers = new Set<string>()
  const source = Readable.from(hashed(createReadStream(path), hash, path), { objectMode: false })
  for await (const { header, rows } of readBatches(source, CHECK_BATCH_ROWS, delimiter)) {
    const map = mapperOf(header, mapping)
    counts.rows += rows.length
    for (const { line, cells } of rows) {
      const mapped = map(cells)
      if (mapped.kind === 'refused') refused.push({ line, why: mapped.why })
      else if (mapped.kind === 'zero') counts.zeros += 1
      else {
        counts.deltas += 1
        customers.add(mapped.delta.customerId)
      }
    }
  }
  return {
    sha256: hash.digest('hex'),
    ...counts,
    refused,
    customers: customers.size,
    async assertUnchanged() {
      if ((await versionOf(path)) === before) return
      throw new ImportError(
        `${path} was changed while it was imported: what was written is a mixture of both`,
      )
    },
  }
}

/** `rowMapper`, its refusals as `ImportError`. */
export function mapperOf(header: readonly string[], mapping: RowMapping): ReturnType<typeof rowMapper> {
  try {
    return rowMapper(header, mapping)
  } catch (error) {
    if (error instanceof RangeError) throw new ImportError(error.message, { cause: error })
    throw error
  }
}

/**
 * Passes a file through a hash. Refuses what is not UTF-8: a lenient decoder would turn different customer names into
 * the same replacement characters.
 */
async function* hashed(file: AsyncIterable<Buffer>, hash: ReturnType<typeof createHash>, path: string) {
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  const check = (chunk?: Buffer) => {
    try {
      utf8.decode(chunk, { stream: chunk !== undefined })
    } catch (error) {
      throw new ImportError(`${path} is not UTF-8 text`, { cause: error })
    }
  }
  for await (const chunk of file) {
    hash.update(chunk)
    check(chunk)
    yield chunk
  }
  check()
}

async function versionOf(path: string): Promise<string> {
  try {
    const { size, mtimeMs, ino } = await stat(path)
    return `${size} ${mtimeMs} ${ino}`
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new ImportError(`${path} cannot be read: ${why}`, { cause: error })
  }
}
