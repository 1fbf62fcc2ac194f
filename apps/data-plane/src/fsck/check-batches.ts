import { equalBytes } from '@pacspace/proofs/bytes'
import { sha256Text } from '@pacspace/proofs/sha256'
import type { Db } from '@pacspace/service/postgres'
import { deltaOfRow } from '../ledger/front-door.ts'
import type { Find } from './finding.ts'
import { type CheckedBatch, type CheckedLog, selectBatches, selectRows } from './fsck.sql.ts'

/**
 * Every kept batch request names rows that are there, of which the first carries its key. Where all of its items were
 * written, the hash of the request follows from them; what a refused item said is kept nowhere else.
 */
export async function checkBatches(db: Db, log: CheckedLog, find: Find): Promise<void> {
  for (const batch of await selectBatches(db, log.tenant_id)) {
    const row = `first_index ${batch.first_index}`
    if (batch.rows_there !== batch.row_count) find('batch_request', row, 'claims rows that are not there')
    else if (batch.first_key_digest === null || !equalBytes(batch.first_key_digest, batch.key_digest)) {
      find('batch_request', row, 'its key is not the one in its first row')
    }
    const unwritten = indexesOf(batch.unwritten)
    if (unwritten === undefined || !isAmongItems(unwritten, batch.row_count))
      find('batch_request', row, 'unwritten is no list of items of the request')
    else if (unwritten.length === 0 && !equalBytes(await hashOfRows(db, log, batch), batch.request_hash))
      find('batch_request', row, 'its rows do not lead to the hash of its request')
  }
}

async function hashOfRows(db: Db, log: CheckedLog, batch: CheckedBatch): Promise<Uint8Array> {
  const rows = await selectRows(db, log.tenant_id, batch.first_index, Math.max(0, batch.rows_there))
  return sha256Text(`batch\n${rows.map((row) => deltaOfRow(row).contentHash).join('\n')}`)
}

/** Indexes of the items that were not written; undefined where the text is none that is written here. */
function indexesOf(unwritten: string): readonly number[] | undefined {
  let items: unknown
  try {
    items = JSON.parse(unwritten)
  } catch {
    return undefined // not JSON
  }
  if (!Array.isArray(items)) return undefined
  const indexes = items.map((item: unknown) =>
    typeof item === 'object' && item !== null && 'index' in item ? Number(item.index) : Number.NaN,
  )
  return indexes.every(Number.isInteger) ? indexes : undefined
}

/** True where a request of so many written items has all of these indexes, each once and in order. */
function isAmongItems(indexes: readonly number[], written: number): boolean {
  return indexes.every(
    (index, at) =>
      index >= 0 && index < written + indexes.length && (at === 0 || index > (indexes[at - 1] ?? 0)),
  )
}
