import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

/** The content type of server-sent events. */
export const EVENT_STREAM = 'text/event-stream; charset=utf-8'

/** A reader that takes nothing for so long is dropped: what it has not read stands in the log, and it may come back. */
const SLOW_READER_MS_MAX = 30_000

/**
 * What a handler answers where the answer goes on: whole server-sent events, one after the other, or the parts of a file
 * of the definition's content type. `open` is called once the
 * head has left; it must end soon after `signal` (the reader is gone, or the process is leaving) and must give texts only
 * as fast as they are taken: nothing is buffered here beyond the socket's own few kB.
 */
export class EventStream {
  readonly open: (signal: AbortSignal) => AsyncIterable<string>
  /** Beside those of every answer. */
  readonly headers: Readonly<Record<string, string>>

  constructor(
    open: (signal: AbortSignal) => AsyncIterable<string>,
    headers: Readonly<Record<string, string>> = {},
  ) {
    this.open = open
    this.headers = headers
  }
}

/** Writes a stream to its end, or until the reader is gone, too slow, or `leaving` is aborted. Throws what the stream throws. */
export async function writeEvents(
  response: ServerResponse,
  stream: EventStream,
  leaving: AbortSignal,
  slowReaderMsMax: number = SLOW_READER_MS_MAX,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  // A reader that resets the connection is gone; that is no error of ours.
  response.on('error', () => gone.abort())
  const signal = AbortSignal.any([gone.signal, leaving])
  try {
    for await (const text of stream.open(signal)) {
      if (signal.aborted) break
      if (!response.write(text)) await drained(response, gone.signal, slowReaderMsMax)
    }
    response.end()
  } catch (error) {
    response.destroy()
    if (!gone.signal.aborted) throw error
  }
}

async function drained(response: ServerResponse, gone: AbortSignal, slowReaderMsMax: number): Promise<void> {
  const slow = AbortSignal.timeout(slowReaderMsMax)
  try {
    await once(response, 'drain', { signal: AbortSignal.any([gone, slow]) })
  } catch (error) {
    if (!slow.aborted || gone.aborted) throw error
    response.destroy()
  }
}
