import { CircleCheck, FlaskConical } from 'lucide-react'
import { useEnvironment } from '../api/environment.ts'

const PLACE = 'flex items-center gap-2 border-b px-4 py-1.5 text-[13px]'

/** Which environment one is in, in words, below the header of every page (product.md §7). */
export function EnvironmentBanner() {
  if (useEnvironment() === 'sandbox') {
    return (
      <div role="status" className={`${PLACE} border-sandbox-line bg-sandbox-bg text-sandbox-text`}>
        <FlaskConical size={16} aria-hidden className="shrink-0" />
        <p>Sandbox Mode — Data here is for testing only and does not affect production.</p>
      </div>
    )
  }
  return (
    <div role="status" className={`${PLACE} border-production-line bg-production-bg text-production-text`}>
      <CircleCheck size={16} aria-hidden className="shrink-0" />
      <p>Production — Live data, real settlement.</p>
    </div>
  )
}
