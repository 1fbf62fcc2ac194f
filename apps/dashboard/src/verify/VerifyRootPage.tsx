import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { isProblem } from '../api/api-problem.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { useSearchParams } from '../api/search-params.ts'
import { paths } from '../paths.ts'
import { Card } from '../ui/Card.tsx'
import { SelectField } from '../ui/Field.tsx'
import { EmptyState, Skeleton } from '../ui/States.tsx'
import { PublicFrame } from './PublicFrame.tsx'
import { RootForm } from './RootForm.tsx'
import { RootProof } from './RootProof.tsx'
import { RootRecords } from './RootRecords.tsx'
import { RootVerdict } from './RootVerdict.tsx'
import { rootQuery, type Source, sources } from './verify-queries.ts'

/** For whoever holds a proof root, without an account: what it commits to, whether that holds, and the proof to check it oneself. */
export function VerifyRootPage() {
  const { proofRoot = '' } = useParams({ strict: false })
  const [params, change] = useSearchParams()
  const source = sources.find((one) => one === params.source) ?? 'db'
  const found = useQuery(rootQuery(proofRoot, source))
  const isUnknown = isProblem(found.error, 'NOT_FOUND')
  return (
    <PublicFrame
      title="Verify a proof root"
      environment={found.data?.environment}
      about="One value names one exact history. The server recomputes that history from its first record; your browser recomputes the proof."
    >
      <Card>
        <div className="grid items-end gap-4 min-[700px]:grid-cols-[1fr_220px]">
          <div className="min-w-0">
            <p className="text-[13px] text-ink-soft">Proof root</p>
            <code className="numeric break-all" data-testid="proof-root">
              {proofRoot}
            </code>
          </div>
          <SourceField source={source} onChange={(next) => change({ source: next })} />
        </div>
      </Card>
      {found.isPending && <Skeleton lines={8} label="Loading what the server says" />}
      {isUnknown && <UnknownRoot />}
      {!isUnknown && <ProblemState error={found.error} onRetry={found.refetch} />}
      {found.data !== undefined && !isUnknown && (
        <>
          <RootVerdict found={found.data} />
          <RootProof key={proofRoot} answer={found.data.answer} />
          <RootRecords answer={found.data.answer} />
        </>
      )}
    </PublicFrame>
  )
}

const sourceWords: Readonly<Record<Source, string>> = {
  db: 'The database',
  chain: 'The anchors alone',
  both: 'Both, which must agree',
}

function SourceField({
  source,
  onChange,
}: {
  readonly source: Source
  readonly onChange: (source: string) => void
}) {
  return (
    <SelectField label="Where to look" value={source} onChange={(event) => onChange(event.target.value)}>
      {sources.map((one) => (
        <option key={one} value={one}>
          {sourceWords[one]}
        </option>
      ))}
    </SelectField>
  )
}

function UnknownRoot() {
  return (
    <>
      <EmptyState title="This server knows nothing of this root">
        <p>
          Compare it digit by digit with what you were given. A root of another PacSpace is unknown here; a
          proof file can be{' '}
          <Link to={paths.verify()} className="text-accent underline">
            verified without any server
          </Link>
          .
        </p>
      </EmptyState>
      <RootForm />
    </>
  )
}
