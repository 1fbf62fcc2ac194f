import { createPool, type Pool } from '@pacspace/service/postgres'
import Fastify, { type FastifyRequest } from 'fastify'

/**
 * The bare ceiling (design.md §7, decision 6): a throwaway server that does what any durable, exactly-once answer must, and
 * nothing else. Fastify → self-clocking group commit → one array insert → 201 after COMMIT, into one table whose unique
 * indexes keep positions, sequences and idempotency keys single; no authentication, limits, look-ups, hashes, balances or
 * proofs. Every figure of the bench stands beside it, measured in the same run on the same PostgreSQL settings.
 * With BARE_TABLE=heap the table has its primary key only: what an append costs that promises nothing but to be on disk.
 * A process of its own: `BARE_PORT=… BARE_DATABASE_URL=… BARE_TABLE=ledger|heap node bare-ceiling.ts`.
 */
const { BARE_PORT: portText = '', BARE_DATABASE_URL: url = '', BARE_TABLE: table = '' } = process.env
const GROUP_ROWS_MAX = 2_000

interface Row {
  readonly customerId: string
  readonly delta: number
  readonly reason: string
  readonly referenceId: string
  readonly metadata: unknown
}

interface Request {
  readonly rows: readonly Row[]
  readonly key: string | null
}

interface Waiting extends Request {
  readonly resolve: (firstId: number) => void
  readonly reject: (error: unknown) => void
}

/** Constraints of a ledger, and none. */
const tables: Readonly<Record<string, string>> = {
  ledger: `primary key (tenant_id, id), unique (tenant_id, customer_id, seq), unique (tenant_id, request_key)`,
  heap: 'primary key (tenant_id, id)',
}

const pool = createPool({ url, applicationName: `bare ${table}`, max: 2 })
await pool.query(
  `create table if not exists bare_${table} (
     id bigint, tenant_id int not null, customer_id text not null, seq bigint not null, amount numeric not null,
     reason text not null, reference_id text, metadata text, request_key text, created_at timestamptz not null,
     ${tables[table]})`,
)

let waiting: Waiting[] = []
let isCommitting = false
let nextId = 0
const lastSeqs = new Map<string, number>()

async function commitGroups(): Promise<void> {
  isCommitting = true
  while (waiting.length > 0) {
    const group = takeGroup()
    try {
      let id = nextId
      nextId += group.reduce((sum, one) => sum + one.rows.length, 0)
      await insert(pool, id, group)
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

async function insert(db: Pool, firstId: number, group: readonly Request[]): Promise<void> {
  const rows = group.flatMap((one) => one.rows)
  await db.query(
    {
      name: 'insert_bare',
      text: `insert into bare_${table} (id, tenant_id, customer_id, seq, amount, reason, reference_id, metadata, request_key,
                                        created_at)
             select $1::bigint + r.ordinality - 1, 1, r.customer_id, r.seq, r.amount, r.reason, r.reference_id, r.metadata,
                    r.request_key, now()
               from unnest($2::text[], $3::bigint[], $4::numeric[], $5::text[], $6::text[], $7::text[], $8::text[])
               with ordinality as r (customer_id, seq, amount, reason, reference_id, metadata, request_key, ordinality)`,
    },
    [
      firstId,
      rows.map((row) => row.customerId),
      rows.map((row) => nextSeq(row.customerId)),
      rows.map((row) => String(row.delta)),
      rows.map((row) => row.reason),
      rows.map((row) => row.referenceId),
      rows.map((row) => JSON.stringify(row.metadata)),
      // Of a batch, on its first row.
      group.flatMap((one) => one.rows.map((_, index) => (index === 0 ? one.key : null))),
    ],
  )
}

function nextSeq(customerId: string): number {
  const seq = (lastSeqs.get(customerId) ?? 0) + 1
  lastSeqs.set(customerId, seq)
  return seq
}

function append(request: FastifyRequest, rows: readonly Row[]): Promise<number> {
  const key = request.headers['idempotency-key']
  return new Promise((resolve, reject) => {
    waiting.push({ rows, key: typeof key === 'string' ? key : null, resolve, reject })
    if (!isCommitting) void commitGroups()
  })
}

const fastify = Fastify({ bodyLimit: 20 * 1024 * 1024 })
fastify.post<{ Body: Row }>('/api/v1/balance/delta', async (request, reply) => {
  const id = await append(request, [request.body])
  return reply.code(201).send({ id, ...request.body, status: 'QUEUED' })
})
fastify.post<{ Body: { deltas: Row[] } }>('/api/v1/balance/delta/batch', async (request, reply) => {
  const firstId = await append(request, request.body.deltas)
  const results = request.body.deltas.map((row, index) => ({ index, id: firstId + index, delta: row.delta }))
  return reply.code(201).send({ totalQueued: results.length, results })
})
fastify.get('/readyz', async () => ({ ready: true }))
await fastify.listen({ host: '127.0.0.1', port: Number(portText) })
process.once('SIGTERM', () => process.exit(0))
