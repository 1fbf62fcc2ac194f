/** A signed log checkpoint alone, as `/log/:id/checkpoint` serves it: who says that the log had this size and this root. */
import type { LogCheckpoint } from './log-checkpoint.ts'
import { parseSignedHead, type SignedHead, type Witnessed, walkSignatures } from './log-proof.ts'
import { ProofError } from './proof-error.ts'
import { ProofWalk, type Refusal, refusalOf } from './proof-verdict.ts'
import { parseTrustPolicy, type TrustPolicy } from './trust-policy.ts'

/** A head that is rightly signed. Says nothing of what is in the log, nor of other heads of it. */
export interface ProvedHead {
  readonly verified: true
  readonly steps: Refusal['steps']
  readonly logCheckpoint: LogCheckpoint
  readonly witnesses: readonly Witnessed[]
}

/** What the `format` step of a head computes. */
export const HEAD_FORMAT = 'a signed log checkpoint'

/** Verifies a signed log checkpoint; answers as `verifyDeltaProof` does. */
export async function verifyHead(text: string, policy: TrustPolicy): Promise<ProvedHead | Refusal> {
  const trusted = parseTrustPolicy(policy)
  const walk = new ProofWalk()
  try {
    const head = walkHeadFormat(walk, text)
    const witnesses = await walkSignatures(walk, head, trusted)
    return { verified: true, steps: walk.steps, logCheckpoint: head.checkpoint, witnesses }
  } catch (thrown) {
    return refusalOf(thrown)
  }
}

/** The `format` step of a walk for one head; ends the walk if it cannot be read. Attacker-controlled. */
export function walkHeadFormat(walk: ProofWalk, text: string): SignedHead {
  try {
    const head = parseSignedHead(text)
    walk.compute('format', HEAD_FORMAT)
    return head
  } catch (thrown) {
    if (!(thrown instanceof ProofError)) throw thrown
    const step = { name: 'format', ok: false, computed: thrown.message, expected: HEAD_FORMAT } as const
    return walk.fail(step, thrown.code, thrown.message)
  }
}
