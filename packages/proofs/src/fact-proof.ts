/** The offline proof of a fact. Extra data: JCS(`{v:1, fact}`); `fact` is the fact's record as an object. */
import { isObject, isText, isTime, type Members, readMembers } from './json-members.ts'
import type { LogCheckpoint } from './log-checkpoint.ts'
import { type FactRecord, factText, logTextEntry } from './log-entry.ts'
import { type Witnessed, walkToSignatures } from './log-proof.ts'
import { formatProofFile, type LogPosition, parseProofFile, walkFormat } from './proof-file.ts'
import { ProofWalk, type Refusal, refusalOf } from './proof-verdict.ts'
import { parseTrustPolicy, type TrustPolicy } from './trust-policy.ts'

export interface FactClaim {
  readonly fact: FactRecord
}

export interface FactProof extends FactClaim, LogPosition {}

/** A proof that holds: this content hash was in the log. Hold it against `factContentHash` of the content itself. */
export interface ProvedFact {
  readonly verified: true
  readonly steps: Refusal['steps']
  readonly fact: FactRecord
  readonly logIndex: number
  readonly logCheckpoint: LogCheckpoint
  readonly witnesses: readonly Witnessed[]
}

/** The proof file of a fact, as text. */
export function formatFactProof(proof: FactProof): string {
  return formatProofFile({ v: 1, fact: JSON.parse(factText(proof.fact)) }, proof)
}

/** Takes a fact's proof file apart. Attacker-controlled; strict. Throws `ProofError`. Proves nothing yet. */
export function parseFactProof(text: string): FactProof {
  return parseProofFile(text, readFactClaim)
}

/** Verifies a fact's proof file offline; answers as `verifyDeltaProof` does. */
export async function verifyFactProof(text: string, policy: TrustPolicy): Promise<ProvedFact | Refusal> {
  const trusted = parseTrustPolicy(policy)
  const walk = new ProofWalk()
  try {
    const { tlogProof, extra: claim, head } = walkFormat(walk, text, readFactClaim)
    const payload = factText(claim.fact)
    walk.compute('record', payload)
    const witnesses = await walkToSignatures(walk, logTextEntry('fact', payload), tlogProof, head, trusted)
    return {
      verified: true,
      steps: walk.steps,
      fact: claim.fact,
      logIndex: tlogProof.index,
      logCheckpoint: head.checkpoint,
      witnesses,
    }
  } catch (thrown) {
    return refusalOf(thrown)
  }
}

function readFactClaim(members: Members): FactClaim {
  const fact = readMembers(members.required('fact', isObject), 'fact')
  const record: FactRecord = {
    factId: fact.required('factId', isText),
    contentHash: fact.required('contentHash', isText),
    createdAt: fact.required('createdAt', isTime),
  }
  fact.refuseOthers()
  return { fact: record }
}
