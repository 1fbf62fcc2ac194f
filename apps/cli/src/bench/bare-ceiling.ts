import { createPool, type Pool } from '@pacspace/service/postgres'
import Fastify from 'fastify'

/**
 * The bare ceiling (design.md §7): a throwaway server that does what any durable answer must, and nothing else. Fastify →
 * self-clocking group commit → one array insert → 201 after COMMIT; no keys, limits, heads, hashes or proofs. Every figure of
 * the bench stands beside it, measured in the same run on the same PostgreSQL settings.
 * A process of its own: `BARE_PORT=… BARE_DATABASE_URL=… node bare-ceiling.ts`.
 */
const { BARE_PORT: portText = '', BARE_DATABASE_URL: url = '' } = process.env
const GROUP_ROWS_MAX = 2_000

interface Row {
  readonly customerId: string
  readonly delta: number
  readonly reason: string
  readonly referenceId: string
  readonly metadata: unknown
}

interface Waiting {
  readonly rows: readonly Row[]
  readonly resolve: (firstId: number) => void
  readonly reject: (error: unknown) => void
}

const pool = createPool({ url, applicationName: 'bare ceiling', max: 2 })
await pool.query(
  `create table if not exists bare_delta (
     id bigint primary key, tenant_id int not null, customer_id text not null, amount numeric not null,
     reason text not null, reference_id text, metadata text, created_at timestamptz not null)`,
)

let waiting: Waiting[] = []
let isCommitting = false
let nextId = 0

async function commitGroups(): Promise<void> {
  isCommitting = true
  while (waiting.length > 0) {
    const group = takeGroup()
    try {
      const firstId = nextId
      const rows = group.flatMap((one) => one.rows)
      nextId += rows.length
      await insert(pool, firstId, rows)
      let id = firstId
      for (const one of group) {
        one.resolve(id)
        id += one.rows.length
      }
    } catch (error) {
      for (const one of group) one.reject(error)
    }
  }
  isCommitting = false
}

function takeGroup(): Waiting[] {
  let rows = 0
  let count = 0
  for (const one of waiting) {
    if (count > 0 && rows + one.rows.length > GROUP_ROWS_MAX) break
    rows += one.rows.length
    count++
  }
  const group = waiting.slice(0, count)
  waiting = waiting.slice(count)
  return group
}

async function insert(db: Pool, firstId: number, rows: readonly Row[]): Promise<void> {
  await db.query(
    {
      name: 'insert_bare',
      text: `insert into bare_delta (id, tenant_id, customer_id, amount, reason, reference_id, metadata, created_at)
             select $1::bigint + r.ordinality - 1, 1, r.customer_id, r.amount, r.reason, r.reference_id, r.metadata, now()
               from unnest($2::text[], $3::numeric[], $4::text[], $5::text[], $6::text[])
               with ordinality as r (customer_id, amount, reason, reference_id, metadata, ordinality)`,
    },
    [
      firstId,
      rows.map((row) => row.customerId),
      rows.map((row) => String(row.delta)),
      rows.map((row) => row.reason),
      rows.map((row) => row.referenceId),
      rows.map((row) => JSON.stringify(row.metadata)),
    ],
  )
}

function append(rows: readonly Row[]): Promise<number> {
  return new Promise((resolve, reject) => {
    waiting.push({ rows, resolve, reject })
    if (!isCommitting) void commitGroups()
  })
}

const fastify = Fastify({ bodyLimit: 20 * 1024 * 1024 })
fastify.post<{ Body: Row }>('/api/v1/balance/delta', async (request, reply) => {
  const id = await append([request.body])
  return reply.code(201).send({ id, ...request.body, status: 'QUEUED' })
})
fastify.post<{ Body: { deltas: Row[] } }>('/api/v1/balance/delta/batch', async (request, reply) => {
  const firstId = await append(request.body.deltas)
  const results = request.body.deltas.map((row, index) => ({ index, id: firstId + index, delta: row.delta }))
  return reply.code(201).send({ totalQueued: results.length, results })
})
fastify.get('/readyz', async () => ({ ready: true }))
await fastify.listen({ host: '127.0.0.1', port: Number(portText) })
process.once('SIGTERM', () => process.exit(0))
