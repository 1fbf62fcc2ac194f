import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ApiProblem, isProblem } from '../api/api-problem.ts'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { Amount } from '../ui/Amount.tsx'
import { Card } from '../ui/Card.tsx'
import { Seal } from '../ui/Seal.tsx'
import { EmptyState, ErrorState, Skeleton } from '../ui/States.tsx'
import { DeltaFacts } from './DeltaFacts.tsx'
import { DeltaProof } from './DeltaProof.tsx'
import { type Delta, deltaQuery } from './delta-queries.ts'

/** A delta with all its facts and its proof, on its own page or in the sheet beside the list. */
export function DeltaView({ recordId }: { readonly recordId: string }) {
  const environment = useEnvironment()
  const query = useQuery(deltaQuery(environment, recordId))
  const adjusted = query.data?.adjusts ?? null
  // A correction is hashed with the name that it was sent with, which may be the reference of what it corrects.
  const corrected = useQuery({ ...deltaQuery(environment, adjusted ?? ''), enabled: adjusted !== null })
  if (isProblem(query.error, 'NOT_FOUND')) return <NoSuchDelta recordId={recordId} />
  if (query.error instanceof ApiProblem) {
    return (
      <ErrorState
        message={query.error.message}
        requestId={query.error.requestId}
        onRetry={() => void query.refetch()}
      />
    )
  }
  if (query.data === undefined) return <Skeleton lines={12} label="Loading the delta" />
  const delta = query.data
  return (
    <div className="grid grid-cols-1 gap-4">
      <Headline delta={delta} />
      <Card title="Record">
        <DeltaFacts delta={delta} />
      </Card>
      <section aria-label="Proof">
        {delta.proof === null ? (
          <Card title="Proof">
            <NoProofYet delta={delta} />
          </Card>
        ) : corrected.isLoading ? (
          <Skeleton lines={8} label="Loading the delta that it corrects" />
        ) : (
          <DeltaProof
            delta={delta}
            proof={delta.proof}
            adjustedReference={corrected.data?.referenceId ?? null}
          />
        )}
      </section>
    </div>
  )
}

function Headline({ delta }: { readonly delta: Delta }) {
  return (
    <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-2">
      <p className="text-[28px] leading-[36px]">
        <Amount value={delta.delta} isChange />
      </p>
      <Seal status={delta.status} levels={delta.anchors.map(({ level }) => level)} />
      <p className="w-full text-ink-soft">
        {delta.reason}, for <strong className="font-medium text-ink">{delta.customerId}</strong>
      </p>
    </div>
  )
}

function NoProofYet({ delta }: { readonly delta: Delta }) {
  switch (delta.status) {
    case 'QUEUED':
      return <p>It is on disk and cannot be lost. It is being verified; its proof appears here by itself.</p>
    case 'PROCESSING':
      return (
        <p>
          It is in the tree of the log. When the head over it is signed, anchored and read back, its proof
          appears here by itself.
        </p>
      )
    case 'FAILED':
      return (
        <ErrorState message="The stored data of this delta was found damaged, so nothing is proved of it. Later deltas wait until it is repaired from a backup; whoever runs this PacSpace finds the rows with npm run fsck." />
      )
    case 'VERIFIED':
      return <p>It is verified, and its proof is being made. It appears here by itself.</p>
    default:
      return delta.status satisfies never
  }
}

function NoSuchDelta({ recordId }: { readonly recordId: string }) {
  const environment = useEnvironment()
  return (
    <EmptyState
      title="No such delta here"
      action={
        <Link to={paths.deltas(environment)} className="text-accent underline">
          Show all deltas
        </Link>
      }
    >
      <code className="numeric break-all">{recordId}</code> is not in this environment. It may be in the other
      one: Sandbox and Production share nothing.
    </EmptyState>
  )
}
