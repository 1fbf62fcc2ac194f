import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from 'react'
import { classes } from './classes.ts'

interface FrameProps {
  readonly label: string
  readonly hint?: ReactNode
  /** What is wrong with what stands in it; undefined = nothing. */
  readonly error?: string | undefined
}

const BOX = 'min-h-9 w-full rounded-[8px] border bg-surface px-3 py-1.5 text-ink'

/** A labelled text input. Its error stands under it and is read with it. */
export function TextField({
  label,
  hint,
  error,
  className,
  ...input
}: FrameProps & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId()
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block font-medium">
        {label}
      </label>
      <input
        {...input}
        id={id}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={`${id}-note`}
        className={classes(BOX, error === undefined ? 'border-line-strong' : 'border-failed')}
      />
      <Note id={`${id}-note`} hint={hint} error={error} />
    </div>
  )
}

/** A labelled choice of few: the browser's own list, which every keyboard and screen reader knows. */
export function SelectField({
  label,
  hint,
  error,
  className,
  children,
  ...select
}: FrameProps & SelectHTMLAttributes<HTMLSelectElement>) {
  const id = useId()
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block font-medium">
        {label}
      </label>
      <select
        {...select}
        id={id}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={`${id}-note`}
        className={classes(BOX, error === undefined ? 'border-line-strong' : 'border-failed')}
      >
        {children}
      </select>
      <Note id={`${id}-note`} hint={hint} error={error} />
    </div>
  )
}

function Note({ id, hint, error }: { readonly id: string } & Pick<FrameProps, 'hint' | 'error'>) {
  return (
    <p id={id} className={classes('mt-1 text-[13px]', error === undefined ? 'text-ink-soft' : 'text-failed')}>
      {error ?? hint}
    </p>
  )
}
