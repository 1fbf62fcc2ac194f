import { TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './Button.tsx'
import { CopyButton } from './CopyButton.tsx'

/** What this is, why it is empty, and the one next step. */
export function EmptyState({
  title,
  children,
  action,
}: {
  readonly title: string
  readonly children: ReactNode
  readonly action?: ReactNode
}) {
  return (
    <div className="rounded-[8px] border border-dashed border-line-strong bg-surface p-8 text-center">
      <h2 className="text-[16px] font-semibold">{title}</h2>
      <div className="mx-auto mt-2 max-w-[60ch] text-ink-soft">{children}</div>
      {action !== undefined && <div className="mt-4 flex justify-center">{action}</div>}
    </div>
  )
}

/** What went wrong and what to do, with the id that names the request in the server's log. */
export function ErrorState({
  message,
  requestId,
  onRetry,
}: {
  readonly message: string
  readonly requestId?: string | undefined
  readonly onRetry?: (() => void) | undefined
}) {
  return (
    <div role="alert" className="rounded-[8px] border border-failed bg-surface p-4">
      <p className="flex items-start gap-2 font-medium text-failed">
        <TriangleAlert size={18} aria-hidden className="mt-0.5 shrink-0" />
        {message}
      </p>
      {requestId !== undefined && (
        <p className="mt-1 flex items-center gap-1 text-[13px] text-ink-soft">
          Request <code className="numeric">{requestId}</code>
          <CopyButton text={requestId} label="request id" />
        </p>
      )}
      {onRetry !== undefined && (
        <Button className="mt-3" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** Lines where text will be: nothing moves when it comes. */
export function Skeleton({
  lines = 3,
  label = 'Loading',
}: {
  readonly lines?: number
  readonly label?: string
}) {
  return (
    <div role="status" aria-label={label} className="grid gap-3">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: equal lines that never change places
        <div key={line} className="skeleton h-5" />
      ))}
    </div>
  )
}
