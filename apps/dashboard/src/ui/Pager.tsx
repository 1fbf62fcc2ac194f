import { ChevronLeft, ChevronRight } from 'lucide-react'
import { Button } from './Button.tsx'

/** One page back, one on, and where one is. `page` counts from 1. */
export function Pager({
  page,
  hasMore,
  text,
  words = { back: 'Newer', on: 'Older' },
  onPage,
}: {
  readonly page: number
  readonly hasMore: boolean
  /** Which rows these are: `1–20 of 57`. */
  readonly text: string
  /** What the two ways are called; by time, newest first, where it is not said. */
  readonly words?: { readonly back: string; readonly on: string }
  readonly onPage: (page: number) => void
}) {
  if (page === 1 && !hasMore) return null
  return (
    <nav aria-label="Pages" className="mt-3 flex flex-wrap items-center justify-end gap-2 text-[13px]">
      <span className="mr-auto text-ink-soft" aria-live="polite">
        {text}
      </span>
      <Button
        icon={<ChevronLeft size={16} aria-hidden />}
        disabledReason={page === 1 ? 'This is the first page' : undefined}
        onClick={() => onPage(page - 1)}
      >
        {words.back}
      </Button>
      <Button disabledReason={hasMore ? undefined : 'This is the last page'} onClick={() => onPage(page + 1)}>
        {words.on} <ChevronRight size={16} aria-hidden />
      </Button>
    </nav>
  )
}
