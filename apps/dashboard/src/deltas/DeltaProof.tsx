import { Link } from '@tanstack/react-router'
import { FileDown } from 'lucide-react'
import { useMemo } from 'react'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { claimsOf } from '../ui/proof/delta-claims.ts'
import { rememberLogKey } from '../ui/proof/known-log-keys.ts'
import { LogKeyNote } from '../ui/proof/LogKeyNote.tsx'
import { ProofView } from '../ui/proof/ProofView.tsx'
import type { ProofRun } from '../ui/proof/run-proof.ts'
import { saveFile } from '../ui/save-file.ts'
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
  const remember = ({ outcome }: ProofRun) => {
    if (outcome === 'verified') rememberLogKey(proof.publicKey, new Date().toISOString())
  }
  const json = () => JSON.stringify({ ...delta, adjustedReference }, undefined, 2)
  return (
    <ProofView
      question={question}
      onDone={remember}
      note={<LogKeyNote publicKey={proof.publicKey} />}
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
          <Link
            to={paths.verifyRoot(delta.receiptId)}
            className="inline-flex min-h-9 items-center px-2 text-accent underline"
          >
            Public page of this root
          </Link>
        </>
      }
    />
  )
}
