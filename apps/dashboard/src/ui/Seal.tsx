import { classes } from './classes.ts'

export type SealStatus = 'QUEUED' | 'PROCESSING' | 'VERIFIED' | 'FAILED'

const words: Readonly<Record<SealStatus, string>> = {
  QUEUED: 'Queued',
  PROCESSING: 'Processing',
  VERIFIED: 'Verified',
  FAILED: 'Failed',
}
const colours: Readonly<Record<SealStatus, string>> = {
  QUEUED: 'text-pending',
  PROCESSING: 'text-pending',
  VERIFIED: 'text-verified',
  FAILED: 'text-failed',
}

/** How far something is proven: an icon and a word, never a colour alone. `levels`: the anchors reached. */
export function Seal({
  status,
  levels = [],
}: {
  readonly status: SealStatus
  readonly levels?: readonly string[]
}) {
  return (
    <span className={classes('inline-flex items-center gap-1.5 whitespace-nowrap', colours[status])}>
      <svg
        width="16"
        height="16"
        viewBox="0 0 16 16"
        aria-hidden="true"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
      >
        <SealShape status={status} />
      </svg>
      <span>{words[status]}</span>
      {levels.length > 0 && <span className="text-[12px] text-ink-soft">{levels.join(' · ')}</span>}
    </span>
  )
}

function SealShape({ status }: { readonly status: SealStatus }) {
  switch (status) {
    case 'QUEUED':
      return <circle cx="8" cy="8" r="6" />
    case 'PROCESSING':
      return (
        <>
          <circle cx="8" cy="8" r="6" strokeOpacity="0.35" />
          <path d="M8 2a6 6 0 0 1 0 12" />
        </>
      )
    case 'VERIFIED':
      return (
        <>
          <circle cx="8" cy="8" r="6.8" fill="currentColor" stroke="none" />
          <path d="m5 8.2 2.1 2.1L11.2 6" className="stroke-surface" />
        </>
      )
    case 'FAILED':
      return (
        <>
          <circle cx="8" cy="8" r="6" />
          <path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" />
        </>
      )
    default:
      return status satisfies never
  }
}
