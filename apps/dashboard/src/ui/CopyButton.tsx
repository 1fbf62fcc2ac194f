import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'

const FEEDBACK_MS = 1_600

/** Copies a text, and says that it did. `label`: what is copied, as in "Copy receipt id". */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [isCopied, setCopied] = useState(false)
  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), FEEDBACK_MS)
    return () => clearTimeout(timer)
  }, [isCopied])
  return (
    <button
      type="button"
      aria-label={isCopied ? `Copied ${label}` : `Copy ${label}`}
      title={isCopied ? 'Copied' : `Copy ${label}`}
      className="inline-flex size-6 shrink-0 items-center justify-center rounded text-ink-soft hover:text-ink"
      onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      {isCopied ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
      <span aria-live="polite" className="sr-only">
        {isCopied ? 'Copied' : ''}
      </span>
    </button>
  )
}
