import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { StoredFact } from '../ledger/front-door.ts'

/** Facts by the hashes of their contents. Unique (tenant, content_hash). */
export async function selectFactsByHash(
  db: Db,
  tenantNo: number,
  contentHashes: readonly Uint8Array[],
): Promise<StoredFact[]> {
  const { rows } = await db.query<StoredFact>(
    {
      name: 'select_facts_by_hash',
      text: `select log_index, created_at, nonce, content_hash, content, metadata, key_digest
               from fact
              where tenant_id = $1 and content_hash = any($2::bytea[])`,
    },
    [tenantNo, contentHashes],
  )
  return rows
}

/** Facts by their places in the log. Primary key. */
export async function selectFactsByIndex(
  db: Db,
  tenantNo: number,
  logIndexes: readonly number[],
): Promise<StoredFact[]> {
  const { rows } = await db.query<StoredFact>(
    {
      name: 'select_facts_by_index',
      text: `select log_index, created_at, nonce, content_hash, content, metadata, key_digest
               from fact
              where tenant_id = $1 and log_index = any($2::bigint[])`,
    },
    [tenantNo, logIndexes],
  )
  return rows
}

export interface NewFact {
  readonly nonce: Uint8Array
  readonly contentHash: Uint8Array
  readonly content: string
  readonly metadata: string | null
  readonly keyDigest: Uint8Array | null
}

/**
 * Inserts a group's facts and moves the log's head, in one statement. Must run under `lockLog`; unique indexes are the
 * backstop. A fact counts as one delta of the allowance.
 */
export async function insertFacts(
  db: Db,
  tenantNo: number,
  group: {
    readonly firstIndex: number
    readonly createdAt: Timestamp
    readonly facts: readonly NewFact[]
    readonly appendMark: number
  },
): Promise<void> {
  const { facts } = group
  await db.query(
    {
      name: 'insert_facts',
      text: `with head as (
               update log_head
                  set size = size + $9, delta_count = delta_count + $9, last_created_at = $3, append_mark = $10
                where tenant_id = $1
             )
             insert into fact (tenant_id, log_index, created_at, nonce, content_hash, content, metadata, key_digest)
             select $1, $2::bigint + r.ordinality - 1, $3::timestamptz, r.nonce, r.content_hash, r.content, r.metadata,
                    r.key_digest
               from unnest($4::bytea[], $5::bytea[], $6::text[], $7::text[], $8::bytea[])
               with ordinality as r (nonce, content_hash, content, metadata, key_digest, ordinality)
              order by r.ordinality`,
    },
    [
      tenantNo,
      group.firstIndex,
      group.createdAt,
      facts.map((one) => one.nonce),
      facts.map((one) => one.contentHash),
      facts.map((one) => one.content),
      facts.map((one) => one.metadata),
      facts.map((one) => one.keyDigest),
      facts.length,
      group.appendMark,
    ],
  )
}
