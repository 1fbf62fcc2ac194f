import type { ReactNode } from 'react'
import { classes } from './classes.ts'

/** A quiet surface with a heading. `action`: what can be done with the whole of it. */
export function Card({
  title,
  action,
  children,
  className,
}: {
  readonly title?: ReactNode
  readonly action?: ReactNode
  readonly children: ReactNode
  readonly className?: string
}) {
  return (
    <section className={classes('min-w-0 rounded-[8px] border border-line bg-surface p-4', className)}>
      {title !== undefined && (
        <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
          <h2 className="text-[16px] font-semibold">{title}</h2>
          {action}
        </div>
      )}
      {children}
    </section>
  )
}

/** Title of a page, a sentence that says what it is for, and its main actions. */
export function PageHeader({
  title,
  children,
  actions,
}: {
  readonly title: string
  readonly children?: ReactNode
  readonly actions?: ReactNode
}) {
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-3">
      <div className="min-w-0">
        <h1 className="text-[20px] leading-[28px] font-semibold">{title}</h1>
        {children !== undefined && <p className="mt-1 max-w-[72ch] text-ink-soft">{children}</p>}
      </div>
      {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
    </header>
  )
}
