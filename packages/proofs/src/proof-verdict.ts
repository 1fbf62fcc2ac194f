/** What a verifier of proof files answers: every step it took, so that a person can see the path, not only its end. */
import type { ProofErrorCode } from './proof-error.ts'

/** The steps, in the order a proof takes them; `cosignature` comes once for each witness. */
export type ProofStepName =
  | 'format'
  | 'record'
  | 'itemHash'
  | 'previousRoot'
  | 'customerRoot'
  | 'checkpointRoot'
  | 'logEntry'
  | 'logLeaf'
  | 'logRoot'
  | 'logSignature'
  | 'cosignature'
  | 'witnesses'

export interface ProofStep {
  readonly name: ProofStepName
  readonly ok: boolean
  /** What this verifier computed or found: a hash as `0x` hex, the record's text, who signed. */
  readonly computed: string
  /** What the file, or the caller's policy, says it must be; absent where a step only computes. */
  readonly expected?: string
}

/** Why a proof was refused. `MISMATCH`: the failed step's two values differ; the other codes are `ProofError`'s. */
export type RefusalCode = 'MISMATCH' | ProofErrorCode

export interface Refusal {
  readonly verified: false
  readonly code: RefusalCode
  /** For people and logs; names what differs. */
  readonly message: string
  /** The last of `steps`; those that would have followed were not taken. */
  readonly failedStep: ProofStep
  readonly steps: readonly ProofStep[]
}

/** Thrown inside a verifier at the first step that fails, caught at its end; callers of verifiers never see it. */
export class WalkEnded extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

/** Collects the steps of one verification. */
export class ProofWalk {
  readonly steps: ProofStep[] = []

  /** A step that only computes. */
  compute(name: ProofStepName, computed: string): void {
    this.steps.push({ name, ok: true, computed })
  }

  /** A step that holds what was computed against what it must be; ends the walk with `code` if they differ. */
  compare(name: ProofStepName, computed: string, expected: string, code: RefusalCode = 'MISMATCH'): void {
    if (computed !== expected) this.fail({ name, ok: false, computed, expected }, code, `${name} is wrong`)
    this.steps.push({ name, ok: true, computed, expected })
  }

  /** Ends the walk at this step. */
  fail(failedStep: ProofStep, code: RefusalCode, message: string): never {
    const steps = [...this.steps, failedStep]
    throw new WalkEnded({ verified: false, code, message, failedStep, steps })
  }
}

/** The refusal that ended a walk; rethrows anything else, which is a fault of this program and not of the proof. */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof WalkEnded) return thrown.refusal
  throw thrown
}
