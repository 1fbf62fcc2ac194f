import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CircleCheck, CircleDashed } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { ApiProblem, isProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import type { DataOf } from '../api/endpoint-ref.ts'
import { getLedgerDelta, listLedgerDeltas } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { Amount } from '../ui/Amount.tsx'
import { Hash } from '../ui/Hash.tsx'
import { Seal } from '../ui/Seal.tsx'
import { ErrorState, Skeleton } from '../ui/States.tsx'
import { Time } from '../ui/Time.tsx'
import { newestIndex, secondsText } from './arrival.ts'

type Delta = DataOf<NonNullable<(typeof listLedgerDeltas)['definition']>>['deltas'][number]

/** How often it is looked for a new delta, and whether one that has come is verified. */
const LISTEN_MS = 1_000
const VERIFYING_MS = 250
const ARRIVING_MS_MAX = 60_000
const NEWEST_SHOWN = 5

/** Listens for deltas: the first one that comes appears by itself, then turns verified. */
export function ListenStep() {
  const environment = useEnvironment()
  const newest = useQuery({
    queryKey: ['deltas', environment, 'quick-start'],
    queryFn: ({ signal }) =>
      call(listLedgerDeltas, { query: { limit: NEWEST_SHOWN } }, { environment, signal }),
    // Also after an error: a server that was away comes back.
    refetchInterval: ({ state }) => (state.data?.deltas.some(isArriving) ? VERIFYING_MS : LISTEN_MS),
    retry: false,
    staleTime: 0,
    gcTime: 0,
  })
  const [firstSeen, setFirstSeen] = useState<number>()
  if (newest.data !== undefined && firstSeen === undefined) setFirstSeen(newestIndex(newest.data.deltas))
  if (isProblem(newest.error, 'CONTRACT_NOT_DEPLOYED')) {
    return <Skeleton lines={2} label="This environment is being set up. It takes a few seconds." />
  }
  if (newest.error instanceof ApiProblem && newest.data === undefined) {
    return <ErrorState message={newest.error.message} requestId={newest.error.requestId} />
  }
  if (newest.data === undefined || firstSeen === undefined) {
    return <Skeleton lines={2} label="Loading your newest deltas" />
  }
  const { deltas } = newest.data
  const [latest] = deltas
  const arrived = latest !== undefined && newestIndex(deltas) > firstSeen ? latest : undefined
  const older = deltas.filter((delta) => delta !== arrived)
  return (
    <>
      <div aria-live="polite">
        {arrived === undefined ? (
          <Step
            isDone={false}
            title={
              deltas.length === 0
                ? 'Waiting for your first delta…'
                : 'Listening: send a delta, and it appears here…'
            }
          >
            Run the command above. Nothing has to be reloaded.
          </Step>
        ) : (
          <Arrived delta={arrived} />
        )}
      </div>
      {older.length > 0 && <Older deltas={older} />}
    </>
  )
}

function isPending({ status }: Delta): boolean {
  return status === 'QUEUED' || status === 'PROCESSING'
}

/** On its way, and not so long that something else is the matter. */
function isArriving(delta: Delta): boolean {
  return isPending(delta) && Date.now() - Date.parse(delta.createdAt) < ARRIVING_MS_MAX
}

function Arrived({ delta }: { readonly delta: Delta }) {
  const environment = useEnvironment()
  const isFinal = !isPending(delta)
  const verified = useQuery({
    queryKey: ['delta', environment, delta.recordId, delta.status],
    queryFn: ({ signal }) =>
      call(getLedgerDelta, { params: { recordId: delta.recordId } }, { environment, signal }),
    enabled: isFinal,
  })
  const verifiedAt = verified.data?.verifiedAt ?? null
  return (
    <ol className="grid gap-3">
      <li>
        <Step
          isDone
          title={
            <>
              <Amount value={delta.delta} isChange /> for {delta.customerId} has arrived
            </>
          }
        >
          On disk, as number {delta.sequenceNumber} of this customer's ledger. Record{' '}
          <Hash value={delta.recordId} label="record id" />
        </Step>
      </li>
      <li>
        {delta.status === 'FAILED' ? (
          <Seal status="FAILED" />
        ) : (
          <Step isDone={isFinal} title={isFinal ? 'Verified' : 'Being verified…'}>
            {isFinal
              ? `Recomputed, signed and anchored outside the database${
                  verifiedAt === null
                    ? ''
                    : `, ${secondsText(delta.createdAt, verifiedAt)} after it was accepted`
                }. From now on nobody can change it unseen. `
              : 'It is read back and recomputed by other code than wrote it.'}
          </Step>
        )}
      </li>
      {delta.status === 'VERIFIED' && (
        <li className="pl-8">
          <Link to={paths.customer(environment, delta.customerId)} className="text-accent underline">
            See {delta.customerId}, its balance and its receipt
          </Link>
          {' · '}
          <Link to={paths.delta(environment, delta.recordId)} className="text-accent underline">
            See the proof of this delta
          </Link>
        </li>
      )}
    </ol>
  )
}

function Step({
  isDone,
  title,
  children,
}: {
  readonly isDone: boolean
  readonly title: ReactNode
  readonly children: ReactNode
}) {
  const Icon = isDone ? CircleCheck : CircleDashed
  return (
    <div className="flex items-start gap-3">
      <Icon
        size={20}
        aria-hidden
        className={isDone ? 'mt-0.5 shrink-0 text-verified' : 'breathing mt-0.5 shrink-0 text-pending'}
      />
      <div>
        <p className="font-medium">{title}</p>
        <div className="max-w-[72ch] text-ink-soft">{children}</div>
      </div>
    </div>
  )
}

function Older({ deltas }: { readonly deltas: readonly Delta[] }) {
  return (
    <div className="mt-4 border-t border-line pt-3">
      <h3 className="mb-2 text-[13px] font-medium text-ink-soft">Before that</h3>
      <ul className="grid gap-1.5 text-[13px]">
        {deltas.map((delta) => (
          <li key={delta.recordId} className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
            <Seal status={delta.status} />
            <Amount value={delta.delta} isChange />
            <span className="min-w-0 truncate">{delta.customerId}</span>
            <span className="ml-auto text-ink-soft">
              <Time iso={delta.createdAt} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  )
}
