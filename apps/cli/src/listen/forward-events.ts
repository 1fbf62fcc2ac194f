import { setTimeout as delay } from 'node:timers/promises'
import type { Balance, ListenedEvent } from '@pacspace-io/sdk/core/balance'
import { PacSpaceError } from '@pacspace-io/sdk/core/error'
import { Webhooks } from '@pacspace-io/sdk/core/webhooks'

export interface ForwardOptions {
  readonly balance: Pick<Balance<false>, 'webhookEvents'>
  /** Where events go; its query string is kept. */
  readonly forwardTo: URL
  /** Signs what is forwarded. */
  readonly secret: string
  /** Types to forward; all where it is empty. */
  readonly events: readonly string[]
  readonly signal: AbortSignal
  /** Told about each forwarded event, and each time the API could not be asked. */
  readonly print: (line: string) => void
  /** Default `WAIT_SECONDS`. */
  readonly waitSeconds?: number
}

/** One call waits this long for an event. */
const WAIT_SECONDS = 20
/** More than a call waits. */
const CALL_MS_MAX = 40_000
const LOCAL_MS_MAX = 15_000
/** After the API could not be asked. */
const PAUSE_MS = 2_000

/**
 * Forwards a tenant's events to a local program as they happen, replays and tests included, until `signal` fires: in the
 * order in which the API gives them, one after the other, each once, whatever the program answers. Begins now. Raises what
 * the API refuses for good, such as a key without `webhooks:read`.
 */
export async function forwardEvents(options: ForwardOptions): Promise<void> {
  const { balance, events: wanted, signal, print, waitSeconds = WAIT_SECONDS } = options
  const webhooks = new Webhooks(options.secret)
  let cursor: string | undefined
  while (!signal.aborted) {
    try {
      const query = cursor === undefined ? {} : { cursor, waitSeconds }
      const page = await balance.webhookEvents({ ...query, signal, timeout: CALL_MS_MAX })
      for (const event of page.events) {
        if (wanted.length === 0 || wanted.includes(event.event))
          print(await forward(event, webhooks, options))
      }
      cursor = page.cursor
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof PacSpaceError) || isForGood(error)) throw error
      print(`! ${error.message}; trying again`)
      await delay(PAUSE_MS, undefined, { signal }).catch(() => {})
    }
  }
}

function isForGood({ statusCode }: PacSpaceError): boolean {
  return statusCode !== undefined && statusCode < 500 && statusCode !== 429
}

/** Sends one event and says what came of it. */
async function forward(event: ListenedEvent, webhooks: Webhooks, options: ForwardOptions): Promise<string> {
  const { id, event: type, body, isReplay } = event
  const startedMs = performance.now()
  const outcome = await fetch(options.forwardTo, {
    method: 'POST',
    headers: await webhooks.sign({ payload: body, id, event: type }),
    body,
    redirect: 'manual',
    signal: AbortSignal.any([options.signal, AbortSignal.timeout(LOCAL_MS_MAX)]),
  }).then(
    async (response) => {
      await response.body?.cancel()
      return String(response.status)
    },
    (error: unknown) => `failed: ${causeOf(error)}`,
  )
  const tookMs = Math.round(performance.now() - startedMs)
  return `${type.padEnd(22)} ${id}${isReplay ? ' (replay)' : ''} → ${outcome} (${tookMs} ms)`
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error && 'code' in error.cause ? String(error.cause.code) : error.message
}
