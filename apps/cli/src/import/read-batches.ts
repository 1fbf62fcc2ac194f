import { createReadStream } from 'node:fs'
import { CsvError, type Info, parse } from 'csv-parse'
import { ImportError } from './file-identity.ts'

/** A data row and where it begins in the file. */
export interface FileRow {
  /** From 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/** Rows that are sent together: always the same ones, whatever is in them. */
export interface RowBatch {
  readonly header: readonly string[]
  /** Index of its first data row in the file, from 0. */
  readonly firstRow: number
  readonly rows: readonly FileRow[]
  /** Bytes of the file up to its end. */
  readonly endByte: number
}

/** Longest row, in characters: a missing closing quote must not read the rest of the file into memory. */
const ROW_LENGTH_MAX = 1_048_576

/**
 * Reads a CSV file (RFC 4180, UTF-8, first row = header) in batches, no faster than they are taken. Rows with too few
 * or too many cells are given as they are. Raises `ImportError`, with the line, for what is no CSV: a quote that is
 * never closed says nothing about where the next row begins.
 */
export async function* readBatches(
  path: string,
  batchRows: number,
  delimiter: string,
): AsyncGenerator<RowBatch, void, undefined> {
  let header: readonly string[] | undefined
  let rows: FileRow[] = []
  let firstRow = 0
  let lastLine = 0
  let endByte = 0
  for await (const { record, info } of parsedRows(path, delimiter)) {
    const row = { line: lastLine + 1, cells: record }
    lastLine = info.lines
    endByte = info.bytes
    if (header === undefined) {
      header = record
      continue
    }
    rows.push(row)
    if (rows.length < batchRows) continue
    yield { header, firstRow, rows, endByte }
    firstRow += rows.length
    rows = []
  }
  if (header === undefined) throw new ImportError(`${path} is empty: it needs a header row`)
  if (rows.length > 0) yield { header, firstRow, rows, endByte }
}

interface ParsedRow {
  readonly record: string[]
  readonly info: Info<string[]>
}

async function* parsedRows(path: string, delimiter: string): AsyncGenerator<ParsedRow, void, undefined> {
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: ROW_LENGTH_MAX,
  })
  const file = createReadStream(path)
  file.once('error', (error) => parser.destroy(error)).pipe(parser)
  try {
    yield* parser as AsyncIterable<ParsedRow> // what `info: true` gives
  } catch (error) {
    if (error instanceof CsvError) throw new ImportError(`${path} is not CSV: ${error.message}`, { cause: error })
    throw error
  } finally {
    file.destroy()
  }
}
