import { createReadStream } from 'node:fs'
import type { DeltaInput, EmittedBatch } from '@pacspace-io/sdk/core/balance'
import type { PacSpace } from '@pacspace-io/sdk/core/pacspace'
import { batchKey, importName, restKey } from './batch-key.ts'
import { type CheckedFile, type FileReading, mapperOf, type RefusedRow } from './check-file.ts'
import { type RowBatch, readBatches } from './read-batches.ts'

export interface ImportOptions extends FileReading {
  readonly checked: CheckedFile
  readonly client: Pick<PacSpace<boolean>, 'balance'>
  /** Batches on their way at a time. Above 1, rows may be committed in another order than the file's. */
  readonly parallel: number
  /** Rows of one batch, at most 1,000. Part of the import's name. */
  readonly batchRows: number
  /** Called after each batch. */
  onProgress?(rowsDone: number): void
}

/** What came of an import. */
export interface ImportResult {
  /** Deltas that are on disk, now or from an earlier run. */
  readonly written: number
  /** The last of them in each batch: verified, all are. */
  readonly lastRecordIds: readonly string[]
  /** Rows that the API refused, in file order. */
  readonly refused: readonly RefusedRow[]
}

interface PlannedBatch {
  readonly key: string
  readonly deltas: readonly DeltaInput[]
  /** Line of each delta. */
  readonly lines: readonly number[]
}

/**
 * Writes every good row of a file, once, however often it is called for the same file and columns: each batch carries
 * an idempotency key made from them and from the batch's place. Killed half-way, a second call goes on where the first
 * ended. Raises what the SDK raises; then some batches are written and others are not, and the same call goes on.
 */
export async function importFile(options: ImportOptions): Promise<ImportResult> {
  const { path, mapping, delimiter, checked, batchRows, parallel, onProgress } = options
  const name = importName(checked.sha256, mapping, delimiter, batchRows)
  const outcomes: BatchOutcome[] = []
  let rowsDone = 0
  const broken = new AbortController()
  const onTheirWay = new Set<Promise<void>>()
  for await (const batch of readBatches(createReadStream(path), batchRows, delimiter)) {
    if (broken.signal.aborted) break
    const planned = planBatch(batch, name, options)
    const sending = sendBatch(planned, options.client)
      .then((outcome) => {
        outcomes.push(outcome)
        rowsDone += batch.rows.length
        onProgress?.(rowsDone)
      })
      .catch((error: unknown) => broken.abort(error))
      .finally(() => onTheirWay.delete(sending))
    onTheirWay.add(sending)
    if (onTheirWay.size >= parallel) await Promise.race(onTheirWay)
  }
  // Those on their way are waited for: what they wrote counts, and their sockets close.
  await Promise.all(onTheirWay)
  broken.signal.throwIfAborted()
  await checked.assertUnchanged()
  return {
    written: outcomes.reduce((sum, { written }) => sum + written, 0),
    lastRecordIds: outcomes.flatMap(({ lastRecordId }) => lastRecordId ?? []),
    refused: outcomes.flatMap(({ refused }) => refused).sort((a, b) => a.line - b.line),
  }
}

function planBatch(
  { header, firstRow, rows }: RowBatch,
  name: string,
  { mapping }: FileReading,
): PlannedBatch {
  const map = mapperOf(header, mapping)
  const deltas: DeltaInput[] = []
  const lines: number[] = []
  for (const { line, cells } of rows) {
    const mapped = map(cells)
    if (mapped.kind !== 'delta') continue // counted and listed by the check before
    deltas.push(mapped.delta)
    lines.push(line)
  }
  return { key: batchKey(name, firstRow), deltas, lines }
}

interface BatchOutcome {
  readonly written: number
  readonly lastRecordId: string | undefined
  readonly refused: readonly RefusedRow[]
}

/**
 * Writes one batch. What an allowance left over is sent again under a key of its own: after an upgrade it goes
 * through; before, the API refuses it as a whole (402), which is raised and keeps no key.
 */
async function sendBatch(batch: PlannedBatch, client: ImportOptions['client']): Promise<BatchOutcome> {
  let written = 0
  let lastRecordId: string | undefined
  const refused: RefusedRow[] = []
  let { key, deltas, lines } = batch
  while (deltas.length > 0) {
    const answer: EmittedBatch<boolean> = await client.balance.emitBatch(deltas, { idempotencyKey: key })
    const leftOver: number[] = []
    for (const { index, status, recordId, error, message } of answer.results) {
      if (status === 'QUEUED') {
        written += 1
        lastRecordId = recordId
      } else if (error === 'INSUFFICIENT_CREDITS') leftOver.push(index)
      else refused.push({ line: lines[index] ?? 0, why: message ?? error ?? 'refused' })
    }
    key = restKey(key, leftOver)
    deltas = deltas.filter((_, index) => leftOver.includes(index))
    lines = lines.filter((_, index) => leftOver.includes(index))
  }
  return { written, lastRecordId, refused }
}
