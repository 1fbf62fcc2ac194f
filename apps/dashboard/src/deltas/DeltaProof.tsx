import { FileDown } from 'lucide-react'
import { useMemo } from 'react'
import { Button } from '../ui/Button.tsx'
import { claimsOf } from '../ui/proof/delta-claims.ts'
import { knownKeysOf, rememberLogKey } from '../ui/proof/known-log-keys.ts'
import { ProofView } from '../ui/proof/ProofView.tsx'
import { originOf, type ProofRun } from '../ui/proof/run-proof.ts'
import { saveFile } from '../ui/save-file.ts'
import { Time } from '../ui/Time.tsx'
import type { Delta } from './delta-queries.ts'

interface DeltaProofProps {
  readonly delta: Delta
  readonly proof: NonNullable<Delta['proof']>
  readonly adjustedReference: string | null
}

/** The proof of a delta: drawn, verified by this browser against what the page shows, and to be handed on as a file. */
export function DeltaProof({ delta, proof, adjustedReference }: DeltaProofProps) {
  // The first answer with a proof is the one that is judged: later ones may prove it under a newer head.
  const question = useMemo(
    () => ({
      text: proof.tlogProof,
      logKeys: [proof.publicKey],
      claims: claimsOf(delta, adjustedReference),
      anchors: delta.anchors,
    }),
    [proof, delta, adjustedReference],
  )
  const known = useMemo(() => knownKeysOf(originOf(proof.tlogProof) ?? ''), [proof])
  const remember = ({ outcome }: ProofRun) => {
    if (outcome === 'verified') rememberLogKey(proof.publicKey, new Date().toISOString())
  }
  const json = () => JSON.stringify({ ...delta, adjustedReference }, undefined, 2)
  return (
    <ProofView
      question={question}
      onDone={remember}
      note={<KeyNote known={known} publicKey={proof.publicKey} />}
      actions={
        <>
          <Button
            icon={<FileDown size={15} aria-hidden />}
            onClick={() => saveFile(`${delta.recordId}.tlog-proof`, proof.tlogProof)}
          >
            Proof file
          </Button>
          <Button
            icon={<FileDown size={15} aria-hidden />}
            onClick={() => saveFile(`${delta.recordId}.json`, json(), 'application/json')}
          >
            JSON receipt
          </Button>
        </>
      }
    />
  )
}

/** Whether this browser has met the log's key before: a server that shows another one later is noticed. */
function KeyNote({
  known,
  publicKey,
}: {
  readonly known: ReturnType<typeof knownKeysOf>
  readonly publicKey: string
}) {
  const [first] = known
  if (first === undefined) {
    return <p>This browser meets the log’s key for the first time and remembers it.</p>
  }
  const same = known.find(({ key }) => key === publicKey)
  if (same !== undefined) {
    return (
      <p>
        This browser knows the log’s key since <Time iso={same.since} exact />.
      </p>
    )
  }
  return (
    <p className="font-medium text-failed">
      The log signs with another key than this browser knows since <Time iso={first.since} exact />. Keys are
      rotated; ask whoever runs this PacSpace whether this one was.
    </p>
  )
}
