import type { ButtonHTMLAttributes, ReactNode } from 'react'
import { classes } from './classes.ts'

const looks = {
  primary: 'bg-accent text-on-accent border-accent',
  secondary: 'bg-surface text-ink border-line-strong hover:border-ink',
  quiet: 'bg-transparent text-ink border-transparent hover:bg-page',
  danger: 'bg-surface text-failed border-failed',
} as const

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> {
  readonly look?: keyof typeof looks
  /** Why it cannot be pressed now: shown as its tooltip and read with its name. Undefined = it can. */
  readonly disabledReason?: string | undefined
  /** Something is under way: it cannot be pressed again, and says so. */
  readonly isBusy?: boolean
  readonly icon?: ReactNode
}

/** Says what it does. One that cannot be pressed stays where it is and tells why. */
export function Button({
  look = 'secondary',
  disabledReason,
  isBusy = false,
  icon,
  children,
  className,
  onClick,
  type = 'button',
  ...rest
}: ButtonProps) {
  const isOff = disabledReason !== undefined || isBusy
  return (
    <button
      {...rest}
      type={type}
      // Not `disabled`: such a button cannot be focused, and nobody would learn why.
      aria-disabled={isOff || undefined}
      aria-busy={isBusy || undefined}
      title={disabledReason ?? rest.title}
      onClick={(event) => {
        if (isOff) event.preventDefault()
        else onClick?.(event)
      }}
      className={classes(
        'inline-flex min-h-9 items-center justify-center gap-2 rounded-[8px] border px-3 py-1.5 font-medium whitespace-nowrap',
        looks[look],
        isOff && 'opacity-60 cursor-not-allowed!',
        className,
      )}
    >
      {icon}
      {children}
      {disabledReason !== undefined && <span className="sr-only">({disabledReason})</span>}
    </button>
  )
}
