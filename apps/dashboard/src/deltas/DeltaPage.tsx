import { Link, useParams } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { PageHeader } from '../ui/Card.tsx'
import { DeltaView } from './DeltaView.tsx'

/** One delta: what was sent, how far it is proven, and the proof itself. */
export function DeltaPage() {
  const environment = useEnvironment()
  const { recordId = '' } = useParams({ strict: false })
  return (
    <>
      <Link
        to={paths.deltas(environment)}
        className="mb-2 inline-flex items-center gap-1 text-[13px] text-accent underline"
      >
        <ChevronLeft size={14} aria-hidden />
        All deltas
      </Link>
      <PageHeader title="Delta">
        One signed change of a balance, and the proof that it has not changed since.
      </PageHeader>
      <DeltaView key={`${environment} ${recordId}`} recordId={recordId} />
    </>
  )
}
