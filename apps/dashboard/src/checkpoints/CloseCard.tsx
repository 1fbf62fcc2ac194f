import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Lock } from 'lucide-react'
import { useState } from 'react'
import { call } from '../api/client.ts'
import { getLedgerHistory, getLedgerSummary, getLedgerVerification } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { hasRole, useMe } from '../api/session.ts'
import { Amount } from '../ui/Amount.tsx'
import { amountText } from '../ui/amount-text.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { TextField } from '../ui/Field.tsx'
import { monthName } from '../ui/month.ts'
import { Skeleton } from '../ui/States.tsx'
import { takeCheckpoint } from './checkpoint-queries.ts'

/** Says what closing a month locks, and does it. In Production only after the month was typed. */
export function CloseCard({ month, customerId }: { readonly month: string; readonly customerId: string }) {
  const environment = useEnvironment()
  const me = useMe()
  const queryClient = useQueryClient()
  const [typed, setTyped] = useState('')
  const close = useMutation({
    mutationFn: () => takeCheckpoint(environment, customerId, month),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['checkpoints', environment] }),
  })
  const isTyped = environment === 'sandbox' || typed === month
  const refusal = !hasRole(me, 'developer')
    ? 'Your role may only look. Ask an admin.'
    : isTyped
      ? undefined
      : `Type ${month} first`
  const whose = customerId === '' ? 'all customers' : customerId
  return (
    <Card title="2. What will be locked">
      {/* As high as its text before that is there: what stands below does not move. */}
      <div className="min-h-13">
        {customerId === '' ? <OfAll month={month} /> : <OfCustomer month={month} customerId={customerId} />}
      </div>
      <ul className="my-4 grid max-w-[72ch] list-disc gap-1 pl-5 text-ink-soft">
        <li>The month gets one root. It is signed, and anchored outside the database.</li>
        <li>No delta can come into it any more; corrections are new deltas of the running month.</li>
        <li>It cannot be taken back. Closing it again gives the same root.</li>
      </ul>
      {environment === 'production' && (
        <TextField
          className="mb-4 max-w-[320px]"
          label={`Type ${month} to confirm`}
          autoComplete="off"
          value={typed}
          onChange={(event) => setTyped(event.target.value.trim())}
        />
      )}
      <ProblemState error={close.error} />
      <Button
        look="primary"
        className="mt-2 whitespace-normal"
        icon={<Lock size={16} aria-hidden />}
        disabledReason={refusal}
        isBusy={close.isPending}
        onClick={() => close.mutate()}
      >
        Close {monthName(month)} for {whose}
      </Button>
    </Card>
  )
}

function OfAll({ month }: { readonly month: string }) {
  const environment = useEnvironment()
  const summary = useQuery({
    queryKey: ['summary', environment],
    queryFn: ({ signal }) => call(getLedgerSummary, {}, { environment, signal }),
  })
  const figures = useQuery({
    queryKey: ['verification', environment, month],
    queryFn: ({ signal }) =>
      // The server checks the form of a month; the select offers no other.
      call(getLedgerVerification, { query: { period: month } as object }, { environment, signal }),
  })
  const error = summary.error ?? figures.error
  if (error !== null) return <ProblemState error={error} />
  if (summary.data === undefined || figures.data === undefined) {
    return <Skeleton lines={2} label="Loading what is in it" />
  }
  const verified = figures.data.days.reduce((sum, day) => sum + day.verified, 0)
  const pending = figures.data.days.reduce((sum, day) => sum + day.pending, 0)
  return (
    <p className="max-w-[72ch]">
      <b className="numeric font-medium">{amountText(String(verified + pending))}</b>{' '}
      {verified + pending === 1 ? 'entry' : 'entries'} accepted in {monthName(month)}
      {pending > 0 && ` (${pending} not verified yet, and verified first)`}, and the balance of each of your{' '}
      <b className="numeric font-medium">{amountText(String(summary.data.totalCustomers))}</b> customers at
      its end.
    </p>
  )
}

function OfCustomer({ month, customerId }: { readonly month: string; readonly customerId: string }) {
  const environment = useEnvironment()
  const history = useQuery({
    queryKey: ['customer', environment, customerId, 'month', month],
    queryFn: ({ signal }) =>
      call(
        getLedgerHistory,
        { params: { customerId }, query: { period: month, limit: 1 } },
        { environment, signal },
      ),
  })
  if (history.error !== null) return <ProblemState error={history.error} />
  if (history.data === undefined) return <Skeleton lines={2} label="Loading what is in it" />
  const { pagination, startingBalance, netChange, endingBalance } = history.data
  return (
    <p className="max-w-[72ch]">
      <b className="numeric font-medium">{amountText(String(pagination.total))}</b>{' '}
      {pagination.total === 1 ? 'delta' : 'deltas'} of {customerId} accepted in {monthName(month)}: from{' '}
      <Amount value={startingBalance} /> by <Amount value={netChange} isChange /> to{' '}
      <Amount value={endingBalance} />.
    </p>
  )
}
