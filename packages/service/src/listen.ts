import pg from 'pg'
import { connectionConfig } from './postgres.ts'

export interface ListenOptions {
  readonly url: string
  readonly applicationName: string
  readonly role?: string
  readonly channel: string
  /** A notification arrived. A hint, never the guarantee: it may come late, twice, or not at all. */
  readonly onNotify: (payload: string) => void
  /** The connection was lost and is being replaced: whatever was notified meanwhile is unknown. Clear caches here. */
  readonly onLost: () => void
}

export interface Listener {
  close(): Promise<void>
}

/** Waiting time before a lost connection is replaced. */
const RECONNECT_MS = 500

/** A LISTEN connection of its own that replaces itself whenever it breaks. Does not wait for the first connection. */
export function listen(options: ListenOptions): Listener {
  let client: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  const connect = () => {
    const candidate = new pg.Client(connectionConfig({ ...options, statementTimeoutMs: 0, pipeline: false }))
    client = candidate
    let isLost = false
    const lose = () => {
      if (isLost || isClosed) return
      isLost = true
      options.onLost()
      candidate.end().catch(() => {})
      timer = setTimeout(connect, RECONNECT_MS)
    }
    candidate.on('error', lose)
    candidate.on('end', lose)
    candidate.on('notification', ({ payload }) => options.onNotify(payload ?? ''))
    candidate
      .connect()
      .then(() => candidate.query(`LISTEN ${pg.escapeIdentifier(options.channel)}`))
      .catch(lose)
  }

  connect()
  return {
    async close() {
      isClosed = true
      clearTimeout(timer)
      await client?.end().catch(() => {})
    },
  }
}
