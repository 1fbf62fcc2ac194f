import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import { type ReactNode, useRef } from 'react'
import { classes } from './classes.ts'

export interface DialogProps {
  readonly open: boolean
  /** Told when it wants to close: Escape, the cross, a click beside it. */
  readonly onOpenChange: (open: boolean) => void
  readonly title: string
  readonly description?: ReactNode
  readonly children: ReactNode
  /** True where only its own buttons may close it: it shows something that is never shown again. */
  readonly isSticky?: boolean
  /** A sheet at the right edge instead of a box in the middle. */
  readonly isSheet?: boolean
}

/** A box over the page: traps the focus, gives it back, closes on Escape. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  children,
  isSticky = false,
  isSheet = false,
}: DialogProps) {
  const opener = useRef<Element>(null)
  const keep = isSticky ? (event: Event) => event.preventDefault() : undefined
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[#000]/50" />
        <Radix.Content
          onOpenAutoFocus={() => {
            opener.current = document.activeElement
          }}
          // Radix gives the focus back to a trigger of its own, and our dialogs are opened by what the page has.
          onCloseAutoFocus={(event) => {
            event.preventDefault()
            focusAgain(opener.current)
          }}
          {...(keep !== undefined && {
            onEscapeKeyDown: keep,
            onPointerDownOutside: keep,
            onInteractOutside: keep,
          })}
          {...(description === undefined && { 'aria-describedby': undefined })}
          className={classes(
            'fixed z-50 overflow-y-auto border border-line bg-surface p-5 shadow-float',
            isSheet
              ? 'inset-y-0 right-0 w-full max-w-[560px]'
              : 'top-1/2 left-1/2 max-h-[calc(100vh-32px)] w-[calc(100vw-32px)] max-w-[560px] -translate-x-1/2 -translate-y-1/2 rounded-[8px]',
          )}
        >
          <div className="mb-3 flex items-start justify-between gap-3">
            <Radix.Title className="text-[16px] font-semibold">{title}</Radix.Title>
            {!isSticky && (
              <Radix.Close
                aria-label="Close"
                className="inline-flex size-8 items-center justify-center rounded hover:bg-page"
              >
                <X size={16} aria-hidden />
              </Radix.Close>
            )}
          </div>
          {description !== undefined && (
            <Radix.Description asChild>
              <div className="mb-4 text-ink-soft">{description}</div>
            </Radix.Description>
          )}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** What opened a dialog; where that is gone, the page's content, so that the keyboard does not begin at the top again. */
function focusAgain(opener: Element | null): void {
  const isThere = opener instanceof HTMLElement && opener.isConnected && opener !== document.body
  if (isThere) opener.focus()
  else document.getElementById('main')?.focus()
}
