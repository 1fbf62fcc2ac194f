import { type Environment, environmentOfContract, environments, spelling } from '@pacspace/api/environment'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { getEnvironmentStatus, provisionEnvironment } from '../api/endpoints.gen.ts'
import { hasRole, meQuery, useMe } from '../api/session.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { ErrorState, Skeleton } from '../ui/States.tsx'
import { Time } from '../ui/Time.tsx'

const POLL_MS = 1_000

const meanings = {
  not_provisioned: 'Environment has not been activated yet',
  provisioning: 'Setup is in progress',
  active: 'Ready to accept API requests',
  error: 'Provisioning failed — contact support',
} as const

/** Both environments with their states; Production is activated here. */
export function EnvironmentsCard() {
  const me = useMe()
  const queryClient = useQueryClient()
  const status = useQuery({
    queryKey: ['environments', me.tenant.id],
    queryFn: ({ signal }) => call(getEnvironmentStatus, { params: { tenantId: me.tenant.id } }, { signal }),
    refetchInterval: ({ state }) =>
      state.data?.environments.some((one) => one.status === 'provisioning') ? POLL_MS : false,
  })
  // What became active meanwhile unlocks more than this card.
  const isNews = status.data?.environments.some((one) =>
    me.environments.some((known) => known.environment === one.environment && known.status !== one.status),
  )
  useEffect(() => {
    if (isNews) void queryClient.invalidateQueries({ queryKey: meQuery.queryKey })
  }, [isNews, queryClient])
  return (
    <Card title="Environments">
      {status.isPending && <Skeleton lines={2} label="Loading environments" />}
      {status.error instanceof ApiProblem && (
        <ErrorState
          message={status.error.message}
          requestId={status.error.requestId}
          onRetry={() => void status.refetch()}
        />
      )}
      <ul className="grid gap-3">
        {environments.map((environment) => {
          const state = status.data?.environments.find(
            (one) => environmentOfContract(one.environment) === environment,
          )
          return (
            state !== undefined && (
              <li key={environment} className="flex flex-wrap items-center justify-between gap-2">
                <div>
                  <p className="font-medium">{spelling[environment].title}</p>
                  <p className="text-ink-soft">
                    {meanings[state.status]}
                    {state.provisionedAt !== null && state.provisionedAt !== undefined && (
                      <>
                        , since <Time iso={state.provisionedAt} exact />
                      </>
                    )}
                  </p>
                </div>
                {(state.status === 'not_provisioned' || state.status === 'error') && (
                  <Activation environment={environment} onAsked={() => void status.refetch()} />
                )}
              </li>
            )
          )
        })}
      </ul>
    </Card>
  )
}

function Activation({
  environment,
  onAsked,
}: {
  readonly environment: Environment
  readonly onAsked: () => void
}) {
  const me = useMe()
  const queryClient = useQueryClient()
  const activate = useMutation({
    mutationFn: () => call(provisionEnvironment, { body: { environment: spelling[environment].contract } }),
    onSuccess: onAsked,
    onSettled: () => queryClient.invalidateQueries({ queryKey: meQuery.queryKey }),
  })
  if (environment === 'production' && me.plan.tier === 'free') {
    return (
      <Link to={paths.billing('sandbox')} className="text-accent underline">
        Upgrade to unlock Production
      </Link>
    )
  }
  return (
    <div className="grid justify-items-end gap-2">
      <Button
        look="primary"
        isBusy={activate.isPending}
        disabledReason={whyNot(me)}
        onClick={() => activate.mutate()}
      >
        Activate {spelling[environment].title}
      </Button>
      {activate.error instanceof ApiProblem && (
        <ErrorState message={activate.error.message} requestId={activate.error.requestId} />
      )}
    </div>
  )
}

function whyNot(me: ReturnType<typeof useMe>): string | undefined {
  if (!me.isVerified) return 'Verify your e-mail address first.'
  return hasRole(me, 'admin') ? undefined : 'Environments are activated by admins and owners.'
}
