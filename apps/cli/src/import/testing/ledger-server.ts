import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A delta as the batch route receives it. */
export interface SentDelta {
  readonly customerId: string
  readonly delta: string
  readonly reason: string
  readonly referenceId?: string
}

/** What the tests decide about one batch before it is written. */
export interface BatchRules {
  /** Writes at most so many of the items; the others lack allowance. 0: the batch is refused with 402. */
  allowance?: (deltas: readonly SentDelta[]) => number
  /** Called once a batch is written and before it is answered. While it waits, so does the client. */
  beforeAnswer?: (batches: number) => Promise<void>
}

/** A tiny model of the batch route with its idempotency (product.md §2, §3), over real HTTP. */
export interface LedgerServer extends AsyncDisposable {
  readonly url: string
  readonly written: SentDelta[]
  /** Batches that were written, replays left out. */
  batches(): number
  replays(): number
  rules: BatchRules
}

/** Starts the model on a free port. Deltas whose reason is `bad` are refused one by one. */
export async function serveLedger(rules: BatchRules = {}): Promise<LedgerServer> {
  const answers = new Map<string, { body: string; answer: object }>()
  const written: SentDelta[] = []
  let replays = 0
  const ledger = { rules }

  async function answerTo(key: string, body: string): Promise<object> {
    const known = answers.get(key)
    if (known?.body === body) {
      replays += 1
      return known.answer
    }
    if (known !== undefined) return refusal(409, 'IDEMPOTENCY_CONFLICT')
    const { deltas } = JSON.parse(body) as { deltas: SentDelta[] }
    const allowance = ledger.rules.allowance?.(deltas) ?? deltas.length
    if (allowance === 0) return refusal(402, 'INSUFFICIENT_CREDITS')
    const results = deltas.map((delta, index) => {
      if (delta.reason === 'bad')
        return { index, status: 'FAILED', error: 'VALIDATION_ERROR', message: 'reason is bad' }
      if (index >= allowance) return { index, status: 'FAILED', error: 'INSUFFICIENT_CREDITS' }
      written.push(delta)
      return { index, status: 'QUEUED', recordId: `rec_${written.length}` }
    })
    const answer = { success: true, statusCode: 201, data: { results } }
    answers.set(key, { body, answer })
    await ledger.rules.beforeAnswer?.(answers.size)
    return answer
  }

  const server = createServer(async (req, res) => {
    const answer = await answerTo(
      header(req, 'idempotency-key'),
      (await req.setEncoding('utf8').toArray()).join(''),
    )
    const status = 'statusCode' in answer ? Number(answer.statusCode) : 201
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server's
  return Object.assign(ledger, {
    url: `http://127.0.0.1:${port}`,
    written,
    batches: () => answers.size,
    replays: () => replays,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

function refusal(statusCode: number, code: string): object {
  return { success: false, statusCode, code, message: `refused with ${code}` }
}

function header(req: IncomingMessage, name: string): string {
  const value = req.headers[name]
  if (typeof value !== 'string') throw new Error(`${name} is missing`)
  return value
}
