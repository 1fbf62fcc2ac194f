import * as api from '@pacspace/api/definition/ledger'
import { Problem } from '@pacspace/api/problem'
import { equalBytes } from '@pacspace/proofs/bytes'
import { toHex } from '@pacspace/proofs/hex'
import { type Db, transaction } from '@pacspace/service/postgres'
import { implement } from '../context.ts'
import { buildDeltaProof } from '../proofs/front-door.ts'
import { type Delta, deltaOfRow } from './delta.ts'
import { emittedDelta, statusOf } from './delta-answer.ts'
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
  const read = async (tx: Db) => {
    const [log, row] = await Promise.all([
      selectLogState(tx, tenantNo),
      selectDelta(tx, tenantNo, address.logIndex),
    ])
    if (log === undefined || row === undefined || !equalBytes(row.record_nonce, address.nonce)) {
      throw new Problem('NOT_FOUND')
    }
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

async function verification(tx: Db, tenantNo: number, log: LogState, delta: Delta) {
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
