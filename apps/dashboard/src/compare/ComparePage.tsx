import { useQuery } from '@tanstack/react-query'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { useSearchParams } from '../api/search-params.ts'
import { Card, PageHeader } from '../ui/Card.tsx'
import { Skeleton } from '../ui/States.tsx'
import { CompareForm } from './CompareForm.tsx'
import { type Comparison, comparisonOf, EMPTY, linkTextOf } from './comparison.ts'
import { OutcomeCard } from './OutcomeCard.tsx'
import { prepare, type Refusal, runComparison } from './run-comparison.ts'

/**
 * Holds what both sides believe against the verified ledger, and names where they part. What was asked stands behind the
 * `#` of the address, so that it can be handed on; it never reaches a server there.
 */
export function ComparePage() {
  const { hash } = useLocation()
  const linked = useQuery({
    queryKey: ['comparison', hash],
    // `undefined` is no answer of a query.
    queryFn: async () => (await comparisonOf(hash)) ?? null,
    enabled: hash !== '',
    staleTime: Number.POSITIVE_INFINITY,
  })
  const [{ customer = '' }] = useSearchParams()
  if (hash !== '' && linked.data === undefined) return <Skeleton lines={6} label="Reading the link" />
  const first = linked.data ?? undefined
  return (
    <Comparing key={hash} first={first ?? { ...EMPTY, customerId: customer }} isAsked={first !== undefined} />
  )
}

function Comparing({ first, isAsked }: { readonly first: Comparison; readonly isAsked: boolean }) {
  const environment = useEnvironment()
  const navigate = useNavigate()
  const [asked, setAsked] = useState(isAsked ? first : undefined)
  const [refusal, setRefusal] = useState<Refusal>()
  const prepared = asked === undefined ? undefined : prepare(asked)
  const outcome = useQuery({
    queryKey: ['compare', environment, asked],
    queryFn: ({ signal }) =>
      asked === undefined || prepared === undefined || 'field' in prepared
        ? null
        : runComparison(environment, asked, prepared, signal),
    enabled: prepared !== undefined && !('field' in prepared),
  })
  const compare = async (comparison: Comparison) => {
    const next = prepare(comparison)
    setRefusal('field' in next ? next : undefined)
    if ('field' in next) return
    setAsked(comparison)
    const hash = await linkTextOf(comparison)
    // The address keeps it where it fits; the result of a longer one is saved as a file.
    if (hash !== undefined) void navigate({ to: '.', search: {}, hash, replace: true })
  }
  return (
    <>
      <PageHeader title="Compare">
        Hold what each side believes against the verified ledger. Where they part, each delta is named.
      </PageHeader>
      <div className="grid grid-cols-1 gap-4">
        <Card>
          <CompareForm
            first={first}
            refusal={refusal ?? (prepared !== undefined && 'field' in prepared ? prepared : undefined)}
            isBusy={outcome.isFetching}
            onCompare={(comparison) => void compare(comparison)}
          />
        </Card>
        {outcome.isLoading && <Skeleton lines={4} label="Comparing" />}
        <ProblemState error={outcome.error} />
        {asked !== undefined && outcome.data !== undefined && outcome.data !== null && (
          <OutcomeCard comparison={asked} outcome={outcome.data} />
        )}
      </div>
    </>
  )
}
