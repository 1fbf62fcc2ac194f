import { useNavigate, useSearch } from '@tanstack/react-router'

type Change = Readonly<Record<string, string | undefined>>

/** What stands behind the `?` of the address, as text, and what changes it: `undefined` or '' takes a parameter away. */
export function useSearchParams(): [
  Readonly<Record<string, string | undefined>>,
  (change: Change, options?: { readonly replace?: boolean }) => void,
] {
  const navigate = useNavigate()
  const search: Record<string, unknown> = useSearch({ strict: false })
  const texts = Object.fromEntries(Object.entries(search).map(([name, value]) => [name, String(value)]))
  const change = (next: Change, { replace = false } = {}) => {
    const kept = Object.entries({ ...texts, ...next }).filter(
      ([, value]) => value !== undefined && value !== '',
    )
    void navigate({ to: '.', search: Object.fromEntries(kept), replace })
  }
  return [texts, change]
}

/** The number of a page in the address; 1 where there is none. */
export function pageOf(text: string | undefined): number {
  const page = Number(text ?? 1)
  return Number.isSafeInteger(page) && page >= 1 ? page : 1
}
