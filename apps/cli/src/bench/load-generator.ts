import { connect, type Socket } from 'node:net'
import type { LoadPlan, LoadResult } from './load.ts'

/**
 * A lean HTTP/1.1 client for load: keep-alive sockets, requests rendered by concatenation, answers read as far as status and
 * length. A process of its own: at 28,000 requests a second the usual tools are the limit themselves. Takes one `LoadPlan` per
 * IPC message and answers a `LoadResult`.
 */
process.on('message', (plan: LoadPlan) => {
  run(plan).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      process.exit(1)
    },
  )
})
process.once('disconnect', () => process.exit(0))

const HEADER_END = Buffer.from('\r\n\r\n')
const runId = Math.floor(performance.timeOrigin).toString(36)
let lastDelta = 0

async function run(plan: LoadPlan): Promise<LoadResult> {
  const latencies: number[] = []
  const refused: Record<string, number> = {}
  const started = performance.now()
  const deadline = started + plan.seconds * 1_000
  let slots = 0
  const nextSlotMs = () => started + (slots++ * 1_000) / plan.requestsPerSecond
  const lane = async (index: number) => {
    const channel = await Channel.open(plan.host, plan.port)
    const key = plan.keys[index % Math.max(1, plan.keys.length)]
    while (performance.now() < deadline) {
      // With a fixed rate the clock starts when the request was due: a stalled server cannot hide its queue.
      const due = plan.requestsPerSecond === 0 ? performance.now() : nextSlotMs()
      if (due >= deadline) break
      await until(due)
      const status = await channel.request(render(plan, key))
      latencies.push(performance.now() - due)
      if (status !== 201) refused[status] = (refused[status] ?? 0) + 1
    }
    channel.close()
  }
  await Promise.all(Array.from({ length: plan.connections }, (_, index) => lane(index)))
  return summary(plan, latencies, refused, (performance.now() - started) / 1_000)
}

function summary(
  plan: LoadPlan,
  latencies: number[],
  refused: Readonly<Record<string, number>>,
  seconds: number,
): LoadResult {
  latencies.sort((a, b) => a - b)
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  const requests = latencies.length - Object.values(refused).reduce((sum, count) => sum + count, 0)
  const deltas = requests * plan.deltasPerRequest
  return {
    requests,
    deltas,
    seconds,
    requestsPerSecond: requests / seconds,
    deltasPerSecond: deltas / seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    refused,
  }
}

async function until(timeMs: number): Promise<void> {
  const waitMs = timeMs - performance.now()
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
}

/** A request with a reference of 20 characters and about 40 bytes of metadata, as the bar on bytes per delta has it. */
function render(plan: LoadPlan, key: string | undefined): string {
  const deltas = Array.from({ length: plan.deltasPerRequest }, () => renderDelta(plan.customers))
  const [first = ''] = deltas
  const body = plan.deltasPerRequest === 1 ? first : `{"deltas":[${deltas.join(',')}]}`
  const path = plan.deltasPerRequest === 1 ? '/api/v1/balance/delta' : '/api/v1/balance/delta/batch'
  const auth =
    key === undefined ? '' : `X-Api-Key: ${key}\r\nIdempotency-Key: bench-${runId}-${lastDelta}\r\n`
  return (
    `POST ${path} HTTP/1.1\r\nHost: ${plan.host}\r\nContent-Type: application/json\r\n${auth}` +
    `Content-Length: ${body.length}\r\n\r\n${body}`
  )
}

function renderDelta(customers: number): string {
  const n = ++lastDelta
  const reference = `ref_${n.toString(36).padStart(16, '0')}`
  return (
    `{"customerId":"cust_${n % customers}","delta":${(n % 9_999) + 1}.25,"reason":"api calls",` +
    `"referenceId":"${reference}","metadata":{"plan":"growth","region":"eu-central-1"}}`
  )
}

/** One keep-alive connection, one request at a time. */
class Channel {
  readonly #socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #answered: ((status: number) => void) | undefined
  #failed: ((error: Error) => void) | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    const lost = (error?: Error) => this.#failed?.(error ?? new Error('connection closed'))
    socket.on('error', lost)
    socket.on('close', () => lost())
  }

  static open(host: string, port: number): Promise<Channel> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, host, () => resolve(new Channel(socket)))
      socket.once('error', reject)
    })
  }

  request(text: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve
      this.#failed = reject
      this.#socket.write(text)
    })
  }

  close(): void {
    this.#failed = undefined
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    const headerEnd = this.#received.indexOf(HEADER_END)
    if (headerEnd < 0) return
    const head = this.#received.toString('latin1', 0, headerEnd)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (this.#received.length < headerEnd + HEADER_END.length + length) return
    this.#received = Buffer.alloc(0)
    this.#answered?.(Number(head.slice(9, 12)))
  }
}
