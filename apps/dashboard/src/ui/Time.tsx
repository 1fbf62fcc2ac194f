const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** How long ago, in words; beyond a month the date. */
export function relativeText(iso: string, nowMs: number): string {
  const elapsedMs = Date.parse(iso) - nowMs
  const distance = Math.abs(elapsedMs)
  if (distance < MINUTE_MS) return 'just now'
  if (distance < HOUR_MS) return relative.format(Math.round(elapsedMs / MINUTE_MS), 'minute')
  if (distance < DAY_MS) return relative.format(Math.round(elapsedMs / HOUR_MS), 'hour')
  if (distance < 31 * DAY_MS) return relative.format(Math.round(elapsedMs / DAY_MS), 'day')
  return iso.slice(0, 10)
}

/** `2026-11-25 14:03:09 UTC`. */
export function exactText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
}

/** A time: relative with the exact one in its title, or `exact`, as tables show it. */
export function Time({ iso, exact = false }: { readonly iso: string; readonly exact?: boolean }) {
  return (
    <time dateTime={iso} title={exact ? iso : exactText(iso)} className="whitespace-nowrap">
      {exact ? exactText(iso) : relativeText(iso, Date.now())}
    </time>
  )
}
