import { CopyButton } from './CopyButton.tsx'

const SHOWN_AT_START = 6
const SHOWN_AT_END = 4
/** Shorter ones are shown whole. */
const WHOLE_MAX = 18

/** A hash or id, shortened in the middle; whole in its title and when it is copied. `label`: what it is, for the copy button. */
export function Hash({ value, label }: { readonly value: string; readonly label: string }) {
  return (
    <span className="inline-flex items-center gap-1">
      <code className="numeric text-[13px]" title={value}>
        {shortened(value)}
      </code>
      <CopyButton text={value} label={label} />
    </span>
  )
}

/** `0x4e81…9ac2`. */
export function shortened(value: string): string {
  if (value.length <= WHOLE_MAX) return value
  return `${value.slice(0, SHOWN_AT_START)}…${value.slice(-SHOWN_AT_END)}`
}
