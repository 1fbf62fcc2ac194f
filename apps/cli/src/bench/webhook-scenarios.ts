import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import type { BenchPlane } from './bench-plane.ts'
import { median, milliseconds, percentile, type Row, whole } from './report.ts'
import { drain, planOf, type Scenario } from './scenario.ts'

const DELIVERIES_PER_SECOND = 1_000
const LATENCY_EMITS_PER_SECOND = 500
const RECEIPT_P99_MS = 1_000
const COST_RATIO = 0.9
const ARRIVAL_MS_MAX = 180_000

/** A receiver on loopback that notes when each event came and how long after its commit. */
class BenchReceiver {
  readonly commitToReceiptMs: number[] = []
  firstAtMs = 0
  lastAtMs = 0
  #port = 0
  readonly #server = createServer(async (request, response) => {
    const event = JSON.parse(await text(request))
    response.writeHead(200).end()
    const commitMs = Date.parse(event.createdAt) - event.data.verification.latencyMs
    this.commitToReceiptMs.push(Date.now() - commitMs)
    this.lastAtMs = performance.now()
    if (this.commitToReceiptMs.length === 1) this.firstAtMs = this.lastAtMs
  })

  static async start(): Promise<BenchReceiver> {
    const receiver = new BenchReceiver()
    receiver.#server.listen(0, '127.0.0.1')
    await once(receiver.#server, 'listening')
    const { port } = receiver.#server.address() as AddressInfo // it listens on TCP
    receiver.#port = port
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`
  }

  async arrived(count: number): Promise<void> {
    const isThere = await waitUntil(async () => this.commitToReceiptMs.length >= count, ARRIVAL_MS_MAX)
    if (!isThere) throw new Error(`${this.commitToReceiptMs.length} of ${count} webhooks arrived`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
  }
}

/** More events than can be sent while they are emitted: what the worker delivers by itself. */
const rate: Scenario = {
  name: 'webhooks',
  run: async (bench, effort) => {
    await using receiver = await BenchReceiver.start()
    const { key } = await bench.newSubscriber(receiver.url)
    const changes = {
      connections: 8,
      deltasPerRequest: 100,
      requestsMax: effort.countedEmits / 1_500,
      seconds: 60,
    }
    const load = await bench.load(planOf(bench, [key], changes))
    await receiver.arrived(load.deltas)
    const perSecond = load.deltas / ((receiver.lastAtMs - receiver.firstAtMs) / 1_000)
    const row: Row = {
      name: 'webhook deliveries to a loopback receiver, each with its proof',
      figure: `${whole(perSecond)}/s (${whole(load.deltas)} events)`,
      ratio: null,
      bar: `≥ ${whole(DELIVERIES_PER_SECOND)}/s`,
      reached: effort.judges ? perSecond >= DELIVERIES_PER_SECOND : null,
      details: { perSecond, load },
    }
    return [row]
  },
}

const latency: Scenario = {
  name: 'webhook-latency',
  run: async (bench, effort) => {
    await using receiver = await BenchReceiver.start()
    const { key } = await bench.newSubscriber(receiver.url)
    const changes = { requestsPerSecond: LATENCY_EMITS_PER_SECOND, seconds: effort.sustainedSeconds / 2 }
    const load = await bench.load(planOf(bench, [key], changes))
    await receiver.arrived(load.deltas)
    const p50 = percentile(receiver.commitToReceiptMs, 0.5)
    const p99 = percentile(receiver.commitToReceiptMs, 0.99)
    const row: Row = {
      name: `commit → webhook received at ${LATENCY_EMITS_PER_SECOND} emits/s`,
      figure: `p50 ${milliseconds(p50)}, p99 ${milliseconds(p99)}`,
      ratio: null,
      bar: `p99 ≤ ${whole(RECEIPT_P99_MS)} ms`,
      reached: effort.judges ? p99 <= RECEIPT_P99_MS : null,
      details: { p50, p99, load },
    }
    return [row]
  },
}

/** What one endpoint costs those who emit: bursts in turn, with it and without. */
const cost: Scenario = {
  name: 'webhook-cost',
  run: async (bench, effort) => {
    await using receiver = await BenchReceiver.start()
    const { key: without } = await bench.newTenant()
    const rates = { without: [] as number[], with: [] as number[] }
    for (let round = 0; round < effort.rounds; round++) {
      rates.without.push(await burst(bench, without, effort.burstSeconds))
      const { key } = await bench.newSubscriber(receiver.url)
      rates.with.push(await burst(bench, key, effort.burstSeconds))
      await bench.unsubscribeAll() // the rest of its events is not what is measured
    }
    const ratio = median(rates.with) / median(rates.without)
    const row: Row = {
      name: 'single emits with one subscribed endpoint against none',
      figure: `${whole(median(rates.with))}/s against ${whole(median(rates.without))}/s`,
      ratio,
      bar: '≥ 90 %',
      reached: effort.judges ? ratio >= COST_RATIO : null,
      details: rates,
    }
    return [row]
  },
}

async function burst(bench: BenchPlane, key: string, seconds: number): Promise<number> {
  const load = await bench.load(planOf(bench, [key], { seconds }))
  await drain(bench)
  return load.deltasPerSecond
}

export const webhookScenarios: readonly Scenario[] = [rate, latency, cost]
