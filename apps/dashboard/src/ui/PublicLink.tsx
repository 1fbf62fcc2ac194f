import { ExternalLink } from 'lucide-react'
import { CopyButton } from './CopyButton.tsx'

/** An address that anybody may open, to be copied and handed on. `label`: what it is, for the copy button. */
export function PublicLink({ path, label }: { readonly path: string; readonly label: string }) {
  const url = `${window.location.origin}${path}`
  return (
    <span className="flex items-start gap-1">
      <a
        href={path}
        target="_blank"
        rel="noreferrer"
        className="numeric min-w-0 text-[13px] break-all text-accent underline"
      >
        {url}
        <ExternalLink size={12} aria-hidden className="ml-1 inline" />
        <span className="sr-only"> (opens in a new tab)</span>
      </a>
      <CopyButton text={url} label={label} />
    </span>
  )
}
