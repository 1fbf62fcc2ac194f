import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import type { DataOf } from '../api/endpoint-ref.ts'
import { getTenant, updateTenant } from '../api/endpoints.gen.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { hasRole, meQuery, useMe } from '../api/session.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { CopyButton } from '../ui/CopyButton.tsx'
import { TextField } from '../ui/Field.tsx'
import { Skeleton } from '../ui/States.tsx'
import { Time } from '../ui/Time.tsx'
import { useToast } from '../ui/Toasts.tsx'

type Tenant = DataOf<NonNullable<(typeof getTenant)['definition']>>

const tenantKey = ['tenant'] as const

/** The tenant: its ID, its name, and what public verification shows. Admins change it. */
export function TenantCard() {
  const tenant = useQuery({
    queryKey: tenantKey,
    queryFn: ({ signal }) => call(getTenant, {}, { signal }),
  })
  return (
    <Card title="Tenant">
      {tenant.isPending && <Skeleton lines={4} label="Loading the tenant" />}
      <ProblemState error={tenant.error} onRetry={tenant.refetch} />
      {tenant.data !== undefined && (
        <>
          <dl className="mb-4 grid gap-x-4 gap-y-1 min-[500px]:grid-cols-[100px_1fr]">
            <dt className="text-ink-soft">Tenant ID</dt>
            <dd className="flex items-center gap-1">
              <code className="numeric min-w-0 text-[13px] break-all">{tenant.data.id}</code>
              <CopyButton text={tenant.data.id} label="tenant ID" />
            </dd>
            <dt className="text-ink-soft">Since</dt>
            <dd>
              <Time iso={tenant.data.createdAt} exact />
            </dd>
          </dl>
          <TenantForm tenant={tenant.data} />
        </>
      )}
    </Card>
  )
}

function TenantForm({ tenant }: { readonly tenant: Tenant }) {
  const me = useMe()
  const say = useToast()
  const queryClient = useQueryClient()
  const [companyName, setName] = useState(tenant.companyName)
  const [publicRecords, setPublic] = useState(tenant.publicRecords)
  const save = useMutation({
    mutationFn: () => call(updateTenant, { body: { companyName, publicRecords } }),
    onSuccess: async (next) => {
      say('The settings are saved.')
      queryClient.setQueryData(tenantKey, next)
      await queryClient.invalidateQueries({ queryKey: meQuery.queryKey })
    },
  })
  const problem = save.error instanceof ApiProblem ? save.error : undefined
  const isSame = companyName === tenant.companyName && publicRecords === tenant.publicRecords
  const refusal = hasRole(me, 'admin')
    ? undefined
    : 'Settings of the tenant are changed by admins and owners.'
  return (
    <form
      className="grid max-w-[560px] gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate()
      }}
    >
      <TextField
        label="Company"
        autoComplete="organization"
        required
        maxLength={100}
        readOnly={refusal !== undefined}
        hint={refusal}
        value={companyName}
        error={problem?.detailOf('/companyName')}
        onChange={({ target }) => setName(target.value)}
      />
      <label className="flex items-start gap-2">
        <input
          type="checkbox"
          className="mt-1"
          checked={publicRecords}
          disabled={refusal !== undefined}
          onChange={({ target }) => setPublic(target.checked)}
        />
        <span>
          Public verification shows single records
          <span className="block text-[13px] text-ink-soft">
            Whoever holds a proof root sees amounts and reasons under it. Without this, only totals and the
            verdict. Holds for both environments.
          </span>
        </span>
      </label>
      {problem?.details.length === 0 && <ProblemState error={problem} />}
      {refusal === undefined && (
        <Button
          type="submit"
          className="justify-self-start"
          isBusy={save.isPending}
          disabledReason={isSame ? 'Nothing is changed yet' : undefined}
        >
          Save the settings
        </Button>
      )}
    </form>
  )
}
