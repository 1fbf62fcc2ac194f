import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { Hash } from '../ui/Hash.tsx'
import { Time } from '../ui/Time.tsx'
import type { Delta } from './delta-queries.ts'

/** Every field of a delta, what it corrects and what corrects it. */
export function DeltaFacts({ delta }: { readonly delta: Delta }) {
  return (
    <div className="@container">
      <dl className="grid gap-x-8 gap-y-3 @min-[440px]:grid-cols-2">
        <Fact name="Customer">
          <CustomerLink customerId={delta.customerId} />
        </Fact>
        <Fact name="Number in its ledger">
          <span className="numeric">{delta.sequenceNumber}</span>
        </Fact>
        <Fact name="Reference">{delta.referenceId ?? <Absent />}</Fact>
        <Fact name="Place in the log">
          <span className="numeric">{delta.anchorId}</span>
        </Fact>
        <Fact name="Recorded">
          <Time iso={delta.createdAt} exact />
        </Fact>
        <Fact name="Verified">
          {delta.verifiedAt === null ? (
            <Absent words="not yet" />
          ) : (
            <>
              <Time iso={delta.verifiedAt} exact /> <Latency delta={delta} />
            </>
          )}
        </Fact>
        <Fact name="Corrects">
          {delta.adjusts === null ? <Absent words="nothing" /> : <DeltaLink recordId={delta.adjusts} />}
        </Fact>
        <Fact name="Corrected by">
          {delta.adjustedBy.length === 0 ? (
            <Absent words="nothing" />
          ) : (
            delta.adjustedBy.map((recordId) => <DeltaLink key={recordId} recordId={recordId} />)
          )}
        </Fact>
        <Hashes delta={delta} />
        <Fact name="Anchored">
          {delta.anchors.length === 0 ? (
            <Absent words="not yet" />
          ) : (
            delta.anchors.map(({ level, time }) => (
              <span key={level} className="block">
                {level}, <Time iso={time} exact />
              </span>
            ))
          )}
        </Fact>
      </dl>
      {delta.metadata !== null && (
        <div className="mt-4">
          <p className="mb-1 text-[13px] text-ink-soft">Metadata</p>
          <CodeBlock code={JSON.stringify(delta.metadata, undefined, 2)} label="metadata" />
        </div>
      )}
    </div>
  )
}

function Hashes({ delta }: { readonly delta: Delta }) {
  return (
    <>
      <Fact name="Record id">
        <Hash value={delta.recordId} label="record id" />
      </Fact>
      <Fact name="Receipt id (root of the ledger after it)">
        <Hash value={delta.receiptId} label="receipt id" />
      </Fact>
      <Fact name="Content hash">
        <Hash value={delta.contentHash} label="content hash" />
      </Fact>
      <Fact name="Item hash">
        <Hash value={delta.itemHash} label="item hash" />
      </Fact>
      <Fact name="Previous root">
        <Hash value={delta.previousProofHash} label="previous root" />
      </Fact>
    </>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-[13px] text-ink-soft">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Absent({ words = 'none' }: { readonly words?: string }) {
  return <span className="text-ink-soft">{words}</span>
}

function DeltaLink({ recordId }: { readonly recordId: string }) {
  const environment = useEnvironment()
  return (
    <Link to={paths.delta(environment, recordId)} className="numeric block text-[13px] text-accent underline">
      {recordId}
    </Link>
  )
}

function CustomerLink({ customerId }: { readonly customerId: string }) {
  const environment = useEnvironment()
  return (
    <Link to={paths.customer(environment, customerId)} className="text-accent underline">
      {customerId}
    </Link>
  )
}

function Latency({ delta: { createdAt, verifiedAt } }: { readonly delta: Delta }) {
  if (verifiedAt === null) return null
  const seconds = (Date.parse(verifiedAt) - Date.parse(createdAt)) / 1000
  return <span className="whitespace-nowrap text-ink-soft">(after {seconds.toFixed(2)} s)</span>
}
