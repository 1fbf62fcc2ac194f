import { generateKeyPairSync, sign } from 'node:crypto'
import { contentHash } from '@pacspace/proofs/content-hash'
import { formatDeltaProof } from '@pacspace/proofs/delta-proof'
import { toHex, ZERO_HASH } from '@pacspace/proofs/hex'
import { formatLogCheckpoint } from '@pacspace/proofs/log-checkpoint'
import { logEntry, logLeaf } from '@pacspace/proofs/log-entry'
import { rootOf } from '@pacspace/proofs/merkle'
import { inclusionProof } from '@pacspace/proofs/merkle-proof'
import { itemHash, recordText } from '@pacspace/proofs/record'
import { assembleNote, noteMessage, noteSignature } from '@pacspace/proofs/signed-note'
import { formatVerifierKey, verifierKey } from '@pacspace/proofs/verifier-key'

/** A proof that holds, and the key it was signed with. */
export interface SampleProof {
  readonly text: string
  readonly publicKey: string
}

/** The third delta of a customer in a log of five entries, signed with a fresh key. */
export function sampleProof(): SampleProof {
  const origin = 'pacspace.example/log/0123456789abcdef'
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const key = verifierKey(
    origin,
    new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)),
  )

  const items: Uint8Array[] = []
  let previousProofHash = ZERO_HASH
  const records = [1, 2, 3].map((sequenceNumber) => {
    const delta = String(-10 * sequenceNumber)
    const record = {
      recordId: `rec_${sequenceNumber}`,
      customerId: 'cust_77',
      sequenceNumber,
      delta,
      balance: String(-5 * sequenceNumber * (sequenceNumber + 1)),
      contentHash: contentHash({ customerId: 'cust_77', delta, reason: 'seat charge' }),
      previousProofHash,
      createdAt: `2026-01-15T12:00:0${sequenceNumber}.000Z`,
    }
    items.push(itemHash(recordText(record)))
    previousProofHash = toHex(rootOf(items))
    return record
  })
  const record = records.at(-1)
  if (record === undefined) throw new Error('three records')

  const roots = [items.slice(0, 1), items.slice(1, 2), items.slice(0, 2), items, items.slice(2)].map(
    (leaves) => rootOf(leaves),
  )
  const leaves = roots.map((root) => logLeaf(logEntry('delta', root)))
  const logIndex = 3
  const body = formatLogCheckpoint({ origin, size: leaves.length, root: rootOf(leaves) })
  const signature = new Uint8Array(sign(null, noteMessage(body), privateKey))
  const text = formatDeltaProof({
    record,
    customerPath: inclusionProof(items, 2),
    customerSize: 3,
    logIndex,
    logPath: inclusionProof(leaves, logIndex),
    note: assembleNote(body, [noteSignature(key, signature)]),
  })
  return { text, publicKey: formatVerifierKey(key) }
}
