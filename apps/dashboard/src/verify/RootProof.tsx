import { kindOfProof } from '@pacspace/proofs/verify-proof-file'
import { FileDown } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { rememberLogKey } from '../ui/proof/known-log-keys.ts'
import { LogKeyNote } from '../ui/proof/LogKeyNote.tsx'
import { ProofView } from '../ui/proof/ProofView.tsx'
import type { ProofQuestion } from '../ui/proof/run-proof.ts'
import { saveFile } from '../ui/save-file.ts'
import type { RootAnswer } from './verify-queries.ts'

/** The proof that the server gives with a root, recomputed by this browser: it must lead to the very root that was asked for. */
export function RootProof({ answer }: { readonly answer: RootAnswer }) {
  const { proof } = answer.verification
  if (proof === null) {
    return (
      <Card title="Proof">
        <p className="text-ink-soft">
          {answer.source === 'chain'
            ? 'Anchors hold signed heads and no proof files. Look into the database to get one.'
            : 'There is no proof file for this root yet. It appears once the records are verified.'}
        </p>
      </Card>
    )
  }
  return <GivenProof key={proof.tlogProof} answer={answer} proof={proof} />
}

function GivenProof({
  answer,
  proof,
}: {
  readonly answer: RootAnswer
  readonly proof: NonNullable<RootAnswer['verification']['proof']>
}) {
  // Of the answer that was there first: another one would begin anew what somebody is looking at.
  const [question] = useState(() => questionOf(answer, proof))
  return (
    <section aria-label="Proof">
      <ProofView
        question={question}
        note={<LogKeyNote publicKey={proof.publicKey} />}
        onDone={({ outcome }) => {
          if (outcome === 'verified') rememberLogKey(proof.publicKey, new Date().toISOString())
        }}
        actions={
          <Button
            icon={<FileDown size={15} aria-hidden />}
            onClick={() => saveFile(`${answer.proofRoot.slice(0, 18)}.tlog-proof`, proof.tlogProof)}
          >
            Proof file
          </Button>
        }
      />
    </section>
  )
}

/** A root of a ledger states the balance; the sum of a checkpoint of many customers is in no single record. */
function questionOf(
  { proofRoot, summary, verification }: RootAnswer,
  { tlogProof, publicKey }: NonNullable<RootAnswer['verification']['proof']>,
): ProofQuestion {
  const isLedger = kindOfProof(tlogProof) === 'delta'
  return {
    text: tlogProof,
    logKeys: [publicKey],
    claims: { askedRoot: proofRoot, ...(isLedger && summary !== null && { balance: summary.endingBalance }) },
    anchors: verification.anchors,
  }
}
