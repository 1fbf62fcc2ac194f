import { pipeline, type Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { ImportError } from './import-error.ts'

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
}

/** Longest row, in characters: a missing closing quote must not read the rest of the file into memory. */
const ROW_LENGTH_MAX = 1_048_576

/**
 * Reads CSV (RFC 4180, UTF-8, first row = header) in batches, no faster than they are taken. Rows with too few or too
 * many cells are given as they are. Raises `ImportError`, with the line, for what is no CSV: a quote that is never
 * closed says nothing about where the next row begins.
 */
export async function* readBatches(
  source: Readable,
  batchRows: number,
  delimiter: string,
): AsyncGenerator<RowBatch, void, undefined> {
  let header: readonly string[] | undefined
  let rows: FileRow[] = []
  let firstRow = 0
  for await (const row of readRows(source, delimiter)) {
    if (header === undefined) {
      header = row.cells
      continue
    }
    rows.push(row)
    if (rows.length < batchRows) continue
    yield { header, firstRow, rows }
    firstRow += rows.length
    rows = []
  }
  if (header === undefined) throw new ImportError('The file is empty: it needs a header row')
  if (rows.length > 0) yield { header, firstRow, rows }
}

async function* readRows(source: Readable, delimiter: string): AsyncGenerator<FileRow, void, undefined> {
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    relax_column_count: true,
    // A quote within an unquoted cell (5" pipe) is a character like any other.
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: ROW_LENGTH_MAX,
  })
  pipeline(source, parser, () => {}) // an error reaches the loop below
  try {
    for await (const { record, info } of parser as AsyncIterable<ParsedRow>) {
      // `lines` counts to the end of the row; cells may hold line breaks of their own.
      const breaks = record.reduce((count, cell) => count + cell.split('\n').length - 1, 0)
      yield { line: info.lines - breaks, cells: record }
    }
  } catch (error) {
    if (error instanceof CsvError)
      throw new ImportError(`The file is not CSV: ${error.message}`, { cause: error })
    throw error
  } finally {
    source.destroy()
  }
}

/** What `info: true` gives. */
interface ParsedRow {
  readonly record: string[]
  readonly info: { readonly lines: number }
}
