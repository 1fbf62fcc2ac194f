import * as api from '@pacspace/api/definition/ledger'
import type { RecordId } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import { equalBytes } from '@pacspace/proofs/bytes'
import { toHex } from '@pacspace/proofs/hex'
import { type Tx, transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { buildDeltaProof } from '../proofs/front-door.ts'
import { type Delta, deltaOfRow } from './delta.ts'
import { emittedDelta, statusOf } from './delta-answer.ts'
import { readKept } from './kept-row.ts'
import { selectVoidsFrom } from './other-entry.sql.ts'
import type { StoredVoid } from './other-entry.ts'
import {
  type LogState,
  selectAdjusting,
  selectCoveringNotes,
  selectDelta,
  selectLogState,
} from './read.sql.ts'
import { parseRecordId, recordIdOf } from './record-id.ts'

/** One delta with its present status and, once verified, its offline proof (product.md §3 "Status"). */
export const getDelta = implement(api.getDelta, async ({ principal, input }, { db }) => {
  const address = parseRecordId(input.params.recordId)
  if (address === undefined) throw new Problem('NOT_FOUND')
  const tenantNo = principal.tenantNo
  const read = async (tx: Tx) => {
    const [log, row] = await Promise.all([
      selectLogState(tx, tenantNo),
      selectDelta(tx, tenantNo, address.logIndex),
    ])
    if (log === undefined) throw new Problem('NOT_FOUND')
    if (row === undefined) return voidDelta(tx, tenantNo, address.logIndex, input.params.recordId)
    if (!equalBytes(row.record_nonce, address.nonce)) throw new Problem('NOT_FOUND')
    const delta = deltaOfRow(row)
    const status = statusOf(delta.logIndex, log)
    const adjustedBy = await selectAdjusting(tx, tenantNo, delta.recordId)
    return {
      ...emittedDelta(delta, status),
      adjustedBy: adjustedBy.map((one) => recordIdOf(one.log_index, one.record_nonce)),
      ...(status === 'VERIFIED' ? await verification(tx, tenantNo, log, delta) : NOT_VERIFIED),
    }
  }
  return transaction(db, read, { isolation: 'repeatable read', readOnly: true })
})

const NOT_VERIFIED = { verifiedAt: null, logCheckpoint: null, anchors: [], proof: null }

/** A delta that is void reads FAILED for good, as the void keeps it. What can no longer be read is not found. */
async function voidDelta(tx: Tx, tenantNo: number, logIndex: number, recordId: string) {
  const [found] = await selectVoidsFrom(tx, tenantNo, logIndex, logIndex + 1)
  if (found === undefined || found.record_id !== recordId) throw new Problem('NOT_FOUND')
  const delta = keptDeltaOf(found)
  if (delta === undefined) throw new Problem('NOT_FOUND')
  return { ...emittedDelta(delta, 'FAILED'), adjustedBy: [], ...NOT_VERIFIED }
}

function keptDeltaOf({ kept, record_id, customer_id }: StoredVoid): Delta | undefined {
  const row = kept === null ? undefined : readKept(kept)
  if (row?.kind !== 'delta') return undefined
  try {
    // Named as the tenant was told, whatever became of its random part.
    const recordId = record_id as RecordId
    return { ...deltaOfRow({ ...row.row, customer_id }), recordId }
  } catch {
    return undefined // it holds what no delta holds
  }
}

async function verification(tx: Tx, tenantNo: number, log: LogState, delta: Delta) {
  const [notes, proof] = await Promise.all([
    selectCoveringNotes(tx, tenantNo, delta.logIndex),
    buildDeltaProof(tx, tenantNo, log, delta),
  ])
  // VERIFIED means anchored in the file (design.md §4.4); the other levels come in their own time.
  const first = notes.find((note) => note.level === 'file')
  if (first === undefined) throw new Error(`verified delta ${delta.recordId} is covered by no anchored head`)
  return {
    verifiedAt: first.anchored_at,
    logCheckpoint: { size: first.size, root: toHex(first.root) },
    anchors: notes.map((note) => ({ level: note.level, time: note.anchored_at })),
    proof: {
      proofHash: toHex(delta.itemsRoot),
      contentHash: delta.contentHash,
      previousProofHash: delta.previousProofHash,
      itemHash: toHex(delta.itemHash),
      tlogProof: proof.text,
      publicKey: proof.publicKey,
    },
  }
}
