import * as api from '@pacspace/api/definition/stream'
import { validationProblem } from '@pacspace/api/problem'
import { type AmountStyle, compileWriter } from '@pacspace/service/answer-writer'
import { EventStream } from '@pacspace/service/event-stream'
import { isUnavailable } from '@pacspace/service/postgres'
import { type DataPlaneContext, implement } from '../context.ts'
import { selectDeltasFrom } from './append.sql.ts'
import { type Delta, deltaOfRow } from './delta.ts'
import { emittedDelta, type LogProgress } from './delta-answer.ts'
import { selectProgress } from './read.sql.ts'

/** Log entries read at once: what a stream holds in memory. */
const PAGE_ENTRIES = 100
/** A key that was revoked ends its streams within this. */
const ACCESS_CHECK_MS = 2_000
/** A sign of life for proxies and readers, well below what they wait for. */
const HEARTBEAT_MS = 15_000
/** What a browser waits before it comes back. */
const RECONNECT_MS = 1_000

const writeDelta = compileWriter(api.StreamedDelta)

/**
 * The tenant's verified deltas in log order, as server-sent events, for holders of `balance:read` (product.md §3). A cursor
 * over the log and no queue: each event carries its anchorId as id, and a reader that comes back with `Last-Event-ID`
 * misses nothing and gets nothing twice, whichever process it meets. Ends when the key is revoked, when the process
 * leaves, when the reader takes nothing for 30 s. Raises RATE_LIMITED for too many streams.
 */
export const streamDeltas = implement(api.streamDeltas, async ({ principal, input, request }, context) => {
  const { tenantNo } = principal
  const { after, follow = true } = input.query
  const [progress] = await selectProgress(context.db, [tenantNo])
  if (progress === undefined) throw new Error(`an active tenant has a log: ${principal.tenantId}`)
  const from = startOf(request.headers['last-event-id'], after) ?? endOf(progress)
  const reader: Reader = {
    tenantNo,
    key: request.headers['x-api-key'] ?? '',
    amounts: request.headers['x-amount-format'] === 'string' ? 'string' : 'number',
    follow,
    leave: context.streams.take(tenantNo),
  }
  return new EventStream((signal) => events(context, reader, from, signal))
})

interface Reader {
  readonly tenantNo: number
  readonly key: string
  readonly amounts: AmountStyle
  readonly follow: boolean
  readonly leave: () => void
}

async function* events(
  context: DataPlaneContext,
  reader: Reader,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  try {
    // An id before any event: whoever loses the connection now goes on from here too.
    yield `retry: ${RECONNECT_MS}\nid: ${idBefore(from)}\n\n`
    yield* verifiedDeltas(context, reader, from, signal)
  } finally {
    reader.leave()
  }
}

async function* verifiedDeltas(
  context: DataPlaneContext,
  reader: Reader,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<string, void> {
  const { db, watch } = context
  const { tenantNo, amounts, follow } = reader
  let next = from
  let checkedMs = performance.now()
  let saidMs = checkedMs
  while (!signal.aborted) {
    const end = await unlessAway(async () => endOf((await selectProgress(db, [tenantNo]))[0]))
    const pageEnd = Math.min(end ?? next, next + PAGE_ENTRIES)
    if (next < pageEnd) {
      const rows = await unlessAway(() => selectDeltasFrom(db, tenantNo, next, pageEnd))
      for (const row of rows ?? []) yield eventOf(deltaOfRow(row), amounts)
      if (rows !== undefined) next = pageEnd
      saidMs = performance.now()
    } else if (!follow || watch.isClosed) {
      return
    } else {
      const isThere = (progress: LogProgress) => endOf(progress) > next
      await unlessAway(() => watch.until(tenantNo, isThere, { timeoutMs: ACCESS_CHECK_MS, signal }))
    }
    const nowMs = performance.now()
    if (nowMs - checkedMs >= ACCESS_CHECK_MS) {
      const mayStill = await unlessAway(() => context.mayStill(reader.key, 'balance:read'))
      if (mayStill === false) return
      checkedMs = nowMs
    }
    if (nowMs - saidMs >= HEARTBEAT_MS) {
      yield ': still here\n\n'
      saidMs = nowMs
    }
  }
}

/** Undefined while the database is away: the stream waits for it, and its reader need not come back. */
async function unlessAway<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (!isUnavailable(error)) throw error
    await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS))
    return undefined
  }
}

/** The first log index that is not verified, or not sound. */
function endOf(progress: LogProgress | undefined): number {
  if (progress === undefined) return 0
  return Math.min(progress.verified_size, progress.first_failed_index ?? Number.POSITIVE_INFINITY)
}

/** Where to begin: `a_n` = behind entry n, `start` = at 0. The header, which a browser sends by itself, goes first. */
function startOf(lastEventId: string | undefined, after: string | undefined): number | undefined {
  const [path, text] = lastEventId ? ['/Last-Event-ID', lastEventId] : ['/after', after]
  if (text === undefined) return undefined
  if (text === 'start') return 0
  const index = /^a_(0|[1-9][0-9]{0,14})$/.exec(text)?.[1]
  if (index === undefined) throw validationProblem(path, 'must be an anchorId like a_17, or start')
  return Number(index) + 1
}

function idBefore(index: number): string {
  return index === 0 ? 'start' : `a_${index - 1}`
}

function eventOf(delta: Delta, amounts: AmountStyle): string {
  const data = writeDelta(emittedDelta(delta, 'VERIFIED'), amounts)
  return `id: a_${delta.logIndex}\nevent: delta.verified\ndata: ${data}\n\n`
}
