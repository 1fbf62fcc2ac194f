import { useRouter } from '@tanstack/react-router'
import { ApiProblem } from '../api/api-problem.ts'
import { ErrorState } from '../ui/States.tsx'

/** A page whose data could not be had. */
export function RouteError({ error }: { readonly error: unknown }) {
  const router = useRouter()
  const problem = error instanceof ApiProblem ? error : undefined
  return (
    <div className="mx-auto max-w-[640px] p-6">
      <ErrorState
        message={problem?.message ?? 'This page met something that it does not know how to show.'}
        requestId={problem?.requestId}
        onRetry={() => void router.invalidate()}
      />
    </div>
  )
}
