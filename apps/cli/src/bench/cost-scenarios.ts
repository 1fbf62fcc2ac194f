import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack } from '../start/stack.ts'
import type { BenchPlane } from './bench-plane.ts'
import { type Row, seconds, whole } from './report.ts'
import { drain, planOf, type Scenario } from './scenario.ts'

const BYTES_MAX = { withMetadata: 512, without: 440 }
const API_MEMORY_MAX = 300 * 2 ** 20
/** A later burst may end with so much more memory than the first one and still count as flat. */
const FLAT_RATIO = 1.1
const MEMORY_BURSTS = 4
const SECOND_START_MAX_S = 5

/** First of all scenarios: on an empty plane nothing but these deltas grows. */
const space: Scenario = {
  name: 'space',
  run: async (bench, effort) => {
    const rows: Row[] = []
    for (const hasMetadata of [true, false]) {
      const { key } = await bench.newTenant()
      const before = await sizes(bench)
      const changes = { connections: 256, requestsMax: effort.countedEmits, hasMetadata, seconds: 3_600 }
      const load = await bench.load(planOf(bench, [key], changes))
      await drain(bench)
      const after = await sizes(bench)
      const bytes = (after.database - before.database) / load.deltas
      const anchorBytes = (after.anchors - before.anchors) / load.deltas
      const most = hasMetadata ? BYTES_MAX.withMetadata : BYTES_MAX.without
      rows.push({
        name: `bytes per delta, key, reference of 20, ${hasMetadata ? '40 bytes of' : 'no'} metadata`,
        figure: `${whole(bytes)} with indexes, nodes and tiles over ${whole(load.deltas)} emits; ${whole(anchorBytes)} in the file anchor`,
        ratio: null,
        bar: `≤ ${most}`,
        reached: effort.judges ? bytes <= most : null,
        details: { bytes, anchorBytes, load },
      })
    }
    return rows
  },
}

async function sizes(bench: BenchPlane): Promise<{ database: number; anchors: number }> {
  const { rows } = await bench.db.query<{ bytes: number }>(
    `select sum(pg_total_relation_size(c.oid))::bigint as bytes
       from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`,
  )
  return { database: rows[0]?.bytes ?? Number.NaN, anchors: await folderBytes(bench.anchorDir) }
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const lengths = await Promise.all(files.map(async (file) => (await stat(file)).size))
  return lengths.reduce((sum, length) => sum + length, 0)
}

const memory: Scenario = {
  name: 'memory',
  run: async (bench, effort) => {
    const { key } = await bench.newTenant()
    const samples: number[] = []
    for (let round = 0; round < MEMORY_BURSTS; round++) {
      await bench.load(planOf(bench, [key], { customers: 50_000, seconds: effort.burstSeconds }))
      samples.push(await bench.apiMemory())
      await drain(bench)
    }
    const [first = Number.NaN] = samples
    const most = Math.max(...samples)
    const row: Row = {
      name: `memory of the api process after each of ${MEMORY_BURSTS} bursts over 50,000 customers`,
      figure: `${samples.map((sample) => whole(sample / 2 ** 20)).join(', ')} MiB`,
      ratio: null,
      bar: '≤ 300 MiB, flat',
      reached: effort.judges ? most <= API_MEMORY_MAX && most <= first * FLAT_RATIO : null,
      details: { samples },
    }
    return [row]
  },
}

/** The whole stack, as `npm start` starts it, with nothing else running. */
const start: Scenario = {
  name: 'start',
  run: async (_bench, effort) => {
    const folder = await mkdtemp(join(tmpdir(), 'pacspace-bench-start-'))
    await chmod(folder, 0o711) // run by root, PostgreSQL is another user
    try {
      const times: number[] = []
      for (let round = 0; round < 1 + effort.rounds; round++) {
        const startedAt = performance.now()
        const stack = await startStack({ dataDir: join(folder, 'data') })
        times.push((performance.now() - startedAt) / 1_000)
        await stack.stop()
      }
      const [first = Number.NaN, ...later] = times
      const second = Math.min(...later)
      const row: Row = {
        name: 'npm start to ready',
        figure: `${seconds(first)} on an empty data directory, ${seconds(second)} later`,
        ratio: null,
        bar: `later ≤ ${SECOND_START_MAX_S} s`,
        reached: effort.judges ? second <= SECOND_START_MAX_S : null,
        details: { times },
      }
      return [row]
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  },
}

/** `space` comes before and the others after all that write. */
export const costScenarios = { first: [space], last: [memory, start] } as const
