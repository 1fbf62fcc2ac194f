import type { ReactNode } from 'react'
import { paths } from '../paths.ts'
import { Amount } from '../ui/Amount.tsx'
import { amountText } from '../ui/amount-text.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { PublicLink } from '../ui/PublicLink.tsx'
import { Seal } from '../ui/Seal.tsx'
import { Time } from '../ui/Time.tsx'
import { type Checkpoint, periodText } from './checkpoint-queries.ts'

/** Root of the tree without a leaf (RFC 6962 §2.1). */
const NO_CUSTOMERS = '0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** All of a checkpoint: its figures, its root whole, and who can check it by which link. */
export function CheckpointFacts({ checkpoint }: { readonly checkpoint: Checkpoint }) {
  const { proofRoot, deltasCount } = checkpoint
  const waiting = 'being computed'
  return (
    <>
      <dl className="grid gap-3">
        <Fact title="Proof">
          <Seal status={checkpoint.status} />
        </Fact>
        <Fact title="Period">
          {periodText(checkpoint)}
          {checkpoint.closed ? ', closed: it receives no more deltas' : ', a snapshot: the period goes on'}
        </Fact>
        <Fact title="Customer">{checkpoint.customerId ?? 'All customers'}</Fact>
        <Fact title="Deltas">
          {deltasCount === null ? (
            waiting
          ) : (
            <span className="numeric">{amountText(String(deltasCount))}</span>
          )}
        </Fact>
        <Fact title="Balance before it">{amountOr(checkpoint.startingBalance, waiting)}</Fact>
        <Fact title="Net change">{amountOr(checkpoint.netChange, waiting, true)}</Fact>
        <Fact title="Balance at its end">{amountOr(checkpoint.endingBalance, waiting)}</Fact>
        <Fact title="Root">
          {proofRoot === null ? (
            waiting
          ) : (
            <span className="flex items-start gap-1">
              <code className="numeric min-w-0 text-[13px] break-all">{proofRoot}</code>
              <CopyButton text={proofRoot} label="proof root" />
            </span>
          )}
        </Fact>
        <Fact title="Taken">
          <Time iso={checkpoint.createdAt} exact />
        </Fact>
        <Fact title="Checkpoint">
          <span className="flex items-start gap-1">
            <code className="numeric min-w-0 text-[13px] break-all">{checkpoint.checkpointId}</code>
            <CopyButton text={checkpoint.checkpointId} label="checkpoint id" />
          </span>
        </Fact>
      </dl>
      {proofRoot === NO_CUSTOMERS && (
        <p className="mt-4 max-w-[72ch] text-ink-soft">
          No customer existed at its end: the root commits to nothing, and there is nothing to check.
        </p>
      )}
      {proofRoot !== null && proofRoot !== NO_CUSTOMERS && (
        <div className="mt-4 border-t border-line pt-4">
          <h3 className="font-medium">Who can check it</h3>
          <p className="mt-1 mb-2 max-w-[72ch] text-ink-soft">
            Anybody with this link: the other side, an auditor, a court. No account is needed, and everything
            is computed anew from what is stored and anchored.
          </p>
          <PublicLink path={paths.publicVerify(proofRoot)} label="link to check this root" />
        </div>
      )}
    </>
  )
}

function Fact({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="grid gap-x-4 min-[520px]:grid-cols-[150px_minmax(0,1fr)]">
      <dt className="text-ink-soft">{title}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  )
}

function amountOr(value: string | null, otherwise: string, isChange = false): ReactNode {
  return value === null ? otherwise : <Amount value={value} isChange={isChange} />
}
