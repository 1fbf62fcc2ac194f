import { equalBytes } from '@pacspace/proofs/bytes'
import { sha256Text } from '@pacspace/proofs/sha256'
import type { Db } from '@pacspace/service/postgres'
import { factRequestHash } from '../facts/front-door.ts'
import { deltaOfRow } from '../ledger/front-door.ts'
import type { Finding } from './finding.ts'
import { type CheckedRequest, selectFactsWithoutRequest, selectRequests, selectRows } from './fsck.sql.ts'

/**
 * A kept request names rows that are there, or void, of which the first carries its key. Where all that it asked for was
 * written, its hash follows from them; what a refused item said is kept nowhere else. And a fact that carries a key has its request.
 * `from`, `to`: the stretch of the log in which the requests begin.
 */
export async function checkRequests(db: Db, tenantNo: number, from: number, to: number): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const request of await selectRequests(db, tenantNo, from, to)) {
    const { first_index: logIndex } = request
    const row = `first_index ${logIndex}`
    for (const text of await textsOf(db, tenantNo, request))
      findings.push({ table: 'batch_request', row, text, logIndex: Math.max(0, logIndex) })
  }
  for (const logIndex of await selectFactsWithoutRequest(db, tenantNo, from, to)) {
    findings.push({
      table: 'batch_request',
      row: `first_index ${logIndex}`,
      text: 'the row is missing',
      logIndex,
    })
  }
  return findings
}

async function textsOf(db: Db, tenantNo: number, request: CheckedRequest): Promise<string[]> {
  const texts: string[] = []
  const { first_index: first, row_count: count, unwritten } = request
  const rows = request.kind === 'fact' ? [] : await selectRows(db, tenantNo, first, first + count)
  const there = request.kind === 'fact' ? Number(request.content !== null) : rows.length + request.void_count
  if (there !== count) texts.push(`row_count: stored ${count}, but ${there} rows are there`)
  if (!request.has_its_key) texts.push('key_digest: not the one in its first row')
  const indexes = indexesOf(unwritten)
  if (indexes === undefined || !isAmongItems(indexes, count))
    texts.push('unwritten: no list of items of the request')
  else if (indexes.length === 0 && request.void_count === 0) {
    const { content, metadata } = request
    const hash =
      content !== null
        ? factRequestHash({ content, metadata })
        : sha256Text(`${request.kind}\n${rows.map((row) => deltaOfRow(row).contentHash).join('\n')}`)
    if (!equalBytes(hash, request.request_hash)) texts.push('request_hash: not that of its rows')
  }
  return texts
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
