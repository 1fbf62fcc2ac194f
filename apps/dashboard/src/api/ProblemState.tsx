import { ErrorState } from '../ui/States.tsx'
import { ApiProblem } from './api-problem.ts'

/** What a call was refused with or failed of, if it was; `onRetry` where asking again may help. */
export function ProblemState({
  error,
  onRetry,
}: {
  readonly error: unknown
  readonly onRetry?: () => unknown
}) {
  if (error === null || error === undefined) return null
  const problem = error instanceof ApiProblem ? error : undefined
  return (
    <ErrorState
      message={problem?.message ?? 'This page met something that it does not know how to show.'}
      requestId={problem?.requestId}
      {...(onRetry !== undefined && { onRetry: () => void onRetry() })}
    />
  )
}
