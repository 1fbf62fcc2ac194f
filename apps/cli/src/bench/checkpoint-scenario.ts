import type { BenchPlane } from './bench-plane.ts'
import { milliseconds, percentile, type Row, seconds, whole } from './report.ts'
import { drain, type Effort, planOf, type Scenario } from './scenario.ts'

const BATCH = 1_000
/** Emits of others meanwhile, to see whether anybody waits for the checkpoint. */
const EMITS_PER_SECOND = 200
const POLL_MS = 20
const VERIFY_CALLS = 20
/** No checkpoint takes so long. */
const TIMEOUT_MS = 300_000

interface Checkpoint {
  readonly status: string
  readonly deltasCount: number | null
  readonly proofRoot: string | null
}

/** A checkpoint of all customers: how soon it is cut, how soon it is verified, and what that costs those who emit. */
export const checkpointScenario: Scenario = {
  name: 'checkpoint',
  run: async (bench, effort) => {
    const customers = effort.checkpointCustomers
    const { key } = await bench.newTenant()
    const fill = {
      connections: 1,
      deltasPerRequest: BATCH,
      customers,
      requestsMax: (2 * customers) / BATCH,
      seconds: 3_600,
    }
    await bench.load(planOf(bench, [key], fill))
    await drain(bench)
    const alone = await emitsFor(bench, effort.burstSeconds)
    const [meanwhile, taken] = await Promise.all([
      emitsFor(bench, effort.burstSeconds),
      takeCheckpoint(bench, key, 2 * customers),
    ])
    const verifyMs = await timeVerify(bench, taken.proofRoot)
    const row: Row = {
      name: `checkpoint of all of ${whole(customers)} customers`,
      figure:
        `cut in ${milliseconds(taken.cutMs)}, VERIFIED after ${seconds(taken.verifiedMs / 1_000)}; ` +
        `emit p99 ${milliseconds(meanwhile.p99Ms)} meanwhile, ${milliseconds(alone.p99Ms)} before; ` +
        `public verify of its root p50 ${milliseconds(percentile(verifyMs, 0.5))}`,
      ratio: null,
      bar: '',
      reached: null,
      details: { customers, ...taken, verifyMs, meanwhile, alone },
    }
    return [row]
  },
}

/** The emits of another tenant, at a steady rate. */
async function emitsFor(bench: BenchPlane, burstSeconds: Effort['burstSeconds']) {
  const { key } = await bench.newTenant()
  const changes = { connections: 8, requestsPerSecond: EMITS_PER_SECOND, seconds: burstSeconds }
  return bench.load(planOf(bench, [key], changes))
}

async function takeCheckpoint(bench: BenchPlane, key: string, deltas: number) {
  const headers = { 'x-api-key': key, 'content-type': 'application/json' }
  const url = `http://${bench.host}:${bench.port}/api/v1/balance/checkpoint`
  const startedAt = performance.now()
  const response = await fetch(url, { method: 'POST', headers, body: '{}' })
  if (response.status !== 201) throw new Error(`the checkpoint was answered ${response.status}`)
  await response.arrayBuffer()
  const cutMs = performance.now() - startedAt
  for (;;) {
    const listed = await fetch(`${url}s?limit=1`, { headers })
    const { data } = (await listed.json()) as { data: { checkpoints: Checkpoint[] } } // the route's answer
    const [newest] = data.checkpoints
    const verifiedMs = performance.now() - startedAt
    if (newest?.status === 'VERIFIED') {
      if (newest.deltasCount !== deltas || newest.proofRoot === null)
        throw new Error(`the checkpoint counts ${newest.deltasCount} deltas of ${deltas}`)
      return { cutMs, verifiedMs, proofRoot: newest.proofRoot }
    }
    if (verifiedMs > TIMEOUT_MS) throw new Error(`the checkpoint is ${newest?.status} for ever`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

async function timeVerify(bench: BenchPlane, proofRoot: string): Promise<number[]> {
  const times: number[] = []
  for (let call = 0; call < VERIFY_CALLS; call++) {
    const startedAt = performance.now()
    const response = await fetch(`http://${bench.host}:${bench.port}/api/v1/verify/${proofRoot}`)
    const { data } = (await response.json()) as { data: { verified: boolean } } // the route's answer
    if (!data.verified) throw new Error('public verify does not verify the checkpoint')
    times.push(performance.now() - startedAt)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  return times
}
