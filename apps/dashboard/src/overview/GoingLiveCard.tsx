import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck, CircleDashed } from 'lucide-react'
import { call } from '../api/client.ts'
import { listApiKeys } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { useMe } from '../api/session.ts'
import { Card } from '../ui/Card.tsx'
import { Skeleton } from '../ui/States.tsx'
import { isUseAwaited, type SetUpStep, setUpSteps } from './set-up-steps.ts'

const USE_POLL_MS = 5_000

/** The way to going live as a checklist, with the next step of it. `hiddenWhenDone`: nothing, once all is done. */
export function GoingLiveCard({ hiddenWhenDone = false }: { readonly hiddenWhenDone?: boolean }) {
  const me = useMe()
  const environment = useEnvironment()
  const keys = useQuery({
    queryKey: ['keys', 'both'],
    queryFn: ({ signal }) => call(listApiKeys, { query: { limit: 100 } }, { signal }),
    // A plane tells within a minute that a key was used: the step is ticked off while one looks.
    refetchInterval: ({ state }) => (isUseAwaited(state.data?.items ?? []) ? USE_POLL_MS : false),
  })
  const steps = keys.data === undefined ? undefined : setUpSteps(me, keys.data.items, environment)
  if (hiddenWhenDone && (steps === undefined || steps.every((step) => step.isDone))) return null
  return (
    <Card title="Going live">
      {keys.isPending && <Skeleton lines={6} label="Loading the checklist" />}
      <ProblemState error={keys.error} onRetry={() => keys.refetch()} />
      {steps !== undefined && (
        <ol className="grid gap-1">
          {steps.map((step) => (
            <Step key={step.title} step={step} />
          ))}
        </ol>
      )}
    </Card>
  )
}

function Step({ step }: { readonly step: SetUpStep }) {
  const Icon = step.isDone ? CircleCheck : CircleDashed
  return (
    <li className="flex items-start gap-3 rounded-[8px] px-2 py-2">
      <Icon
        size={18}
        aria-hidden
        className={step.isDone ? 'mt-0.5 shrink-0 text-verified' : 'mt-0.5 shrink-0 text-pending'}
      />
      <div>
        <p className="font-medium">
          {step.title}
          <span className="sr-only">{step.isDone ? ' (done)' : ' (to do)'}</span>
        </p>
        {!step.isDone && <p className="text-ink-soft">{step.text}</p>}
        {!step.isDone && step.link !== undefined && (
          <Link to={step.link.to} className="text-accent underline">
            {step.link.text}
          </Link>
        )}
      </div>
    </li>
  )
}
