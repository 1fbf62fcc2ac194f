import type { Timestamp } from '@pacspace/api/timestamp'
import type { Db } from '@pacspace/service/postgres'
import type { Cut } from './checkpoint-unit.ts'

/** What the rows of both kinds of checkpoints say of their cut. */
export interface NewCut extends Cut {
  readonly nonce: Uint8Array
  readonly mode: string | null
  readonly fingerprints: string | null
  readonly keyDigest: Uint8Array | null
}

export interface NewFigures {
  readonly customerNo: number | null
  readonly fromSeq: number | null
  readonly toSeq: number | null
  readonly deltasCount: number
  /** Decimal texts. */
  readonly startingBalance: string
  readonly netChange: string
  readonly endingBalance: string
  /** Null for all customers. */
  readonly itemsRoot: Uint8Array | null
  readonly proofRoot: Uint8Array
}

/** Inserts a checkpoint at the end of the log and moves its head, in one statement. Must run under `lockLog`. */
export async function insertCheckpoint(
  db: Db,
  tenantNo: number,
  entry: {
    readonly logIndex: number
    readonly createdAt: Timestamp
    readonly cut: NewCut
    readonly figures: NewFigures
    readonly appendMark: number
  },
): Promise<void> {
  const { cut, figures } = entry
  await db.query(
    {
      name: 'insert_checkpoint',
      text: `with head as (
               update log_head set size = size + 1, last_created_at = $3, append_mark = $4 where tenant_id = $1
             )
             insert into checkpoint (tenant_id, log_index, created_at, cut_size, cut_at, start_at, end_at, period, closed,
                                     nonce, mode, fingerprints, key_digest, customer_no, from_seq, to_seq, deltas_count,
                                     starting_balance, net_change, ending_balance, items_root, proof_root)
             values ($1, $2, $3, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)`,
    },
    [
      tenantNo,
      entry.logIndex,
      entry.createdAt,
      entry.appendMark,
      cut.cutSize,
      cut.cutAt,
      cut.startAt,
      cut.endAt,
      cut.period,
      cut.closed,
      cut.nonce,
      cut.mode,
      cut.fingerprints,
      cut.keyDigest,
      figures.customerNo,
      figures.fromSeq,
      figures.toSeq,
      figures.deltasCount,
      figures.startingBalance,
      figures.netChange,
      figures.endingBalance,
      figures.itemsRoot,
      figures.proofRoot,
    ],
  )
}

/**
 * Keeps a cut of all customers. The log grows by nothing yet, but its time goes on: no later delta may be created before
 * the cut. Must run under `lockLog`.
 */
export async function insertCut(db: Db, tenantNo: number, cut: NewCut, appendMark: number): Promise<void> {
  await db.query(
    {
      name: 'insert_checkpoint_cut',
      text: `with head as (
               update log_head set last_created_at = $3, append_mark = $12 where tenant_id = $1
             )
             insert into checkpoint_cut (tenant_id, cut_size, cut_at, start_at, end_at, period, closed, nonce, mode,
                                         fingerprints, key_digest)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    },
    [
      tenantNo,
      cut.cutSize,
      cut.cutAt,
      cut.startAt,
      cut.endAt,
      cut.period,
      cut.closed,
      cut.nonce,
      cut.mode,
      cut.fingerprints,
      cut.keyDigest,
      appendMark,
    ],
  )
}

/** The number of a customer. Unique (tenant, customer_id). */
export async function selectCustomerNo(
  db: Db,
  tenantNo: number,
  customerId: string,
): Promise<number | undefined> {
  const { rows } = await db.query<{ customer_no: number }>(
    {
      name: 'select_customer_no',
      text: 'select customer_no from customer where tenant_id = $1 and customer_id = $2',
    },
    [tenantNo, customerId],
  )
  return rows[0]?.customer_no
}
