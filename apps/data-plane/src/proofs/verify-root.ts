import * as api from '@pacspace/api/definition/verify'
import type { EndpointData } from '@pacspace/api/endpoint'
import { Problem } from '@pacspace/api/problem'
import { toHex } from '@pacspace/proofs/hex'
import { rootOf } from '@pacspace/proofs/merkle'
import { prefersText } from '@pacspace/service/accept'
import { answer, textAnswer } from '@pacspace/service/implement'
import { type DataPlaneContext, implement } from '../context.ts'
import type { RootFinding } from './root-finding.ts'
import { Turns } from './turns.ts'
import { verifyAtAnchor } from './verify-at-anchor.ts'
import { verifyInDatabase } from './verify-in-database.ts'

/** Anybody may ask, and a thousand records take some 50 ms to recompute: writes go first. */
const recomputations = new Turns(2, 64)

/** Of a checkpoint of all customers of a tenant that has none: anybody can guess it, so it opens nothing. */
const EMPTY_ROOT = toHex(rootOf([]))

type Source = 'db' | 'chain' | 'both'

/**
 * Recomputes what a proof root commits to, for anybody who holds it (product.md §3 "Public verify"). It is the key to what
 * it shows: 256 bits that no public log tells. A root that nobody knows, and what is none, are the same 404.
 * `Accept: text/plain` gives the offline proof, where there is one.
 */
export const verifyRoot = implement(api.verifyRoot, async ({ input, request }, context) => {
  const { proofRoot } = input.params
  if (!/^0x[0-9a-f]{64}$/.test(proofRoot) || proofRoot === EMPTY_ROOT) throw new Problem('NOT_FOUND')
  const { source = 'db' } = input.query
  const finding = await find(context, Buffer.from(proofRoot.slice(2), 'hex'), source)
  if (finding === undefined) throw new Problem('NOT_FOUND')
  if (prefersText(request.headers.accept) && finding.proof !== null) {
    return textAnswer(finding.proof.tlogProof)
  }
  const data = answered(proofRoot, source, finding, context)
  return finding.message === null ? data : answer(data, { message: finding.message })
})

async function find(
  context: DataPlaneContext,
  root: Uint8Array,
  source: Source,
): Promise<RootFinding | undefined> {
  switch (source) {
    case 'db':
      return recomputations.take(() => verifyInDatabase(context, root))
    case 'chain':
      return verifyAtAnchor(context, root)
    case 'both':
      return agreed(await find(context, root, 'db'), await find(context, root, 'chain'))
  }
}

/** Both must hold, and tell of the same entry. */
function agreed(db: RootFinding | undefined, chain: RootFinding | undefined): RootFinding | undefined {
  if (db === undefined)
    return chain && { ...chain, ...refused(chain, 'the anchor holds this root, the database does not') }
  if (chain === undefined) return { ...db, ...refused(db, 'the database holds this root, no anchor does') }
  const isSameEntry = chain.logIndex === null || (chain.logId === db.logId && chain.logIndex === db.logIndex)
  const discrepancies = [
    ...db.discrepancies,
    ...chain.discrepancies,
    ...(isSameEntry ? [] : ['database and anchor hold this root at different places']),
  ]
  return {
    ...db,
    verified: db.verified && chain.verified && discrepancies.length === 0,
    message: db.message ?? chain.message,
    discrepancies,
  }
}

function refused(finding: RootFinding, discrepancy: string) {
  return {
    verified: false,
    // An anchor that cannot be read holds nothing against the database.
    ...(finding.logIndex === null ? {} : { discrepancies: [...finding.discrepancies, discrepancy] }),
    message:
      finding.message ??
      'Database and anchor do not agree. Do not rely on it; tell whoever keeps this ledger.',
  }
}

function answered(
  proofRoot: string,
  source: Source,
  finding: RootFinding,
  { publicUrl }: Pick<DataPlaneContext, 'publicUrl'>,
): EndpointData<typeof api.verifyRoot> {
  const { logId, logIndex, logCheckpoint, anchors, proof, ...said } = finding
  return {
    ...said,
    proofRoot,
    source,
    verification: {
      reference: logIndex === null ? null : `a_${logIndex}`,
      publicLedgerUrl: logId === null || publicUrl === null ? null : `${publicUrl}/log/${logId}/checkpoint`,
      logCheckpoint,
      anchors,
      proof,
    },
  }
}
