import { Link } from '@tanstack/react-router'
import { EmptyState } from '../ui/States.tsx'

/** An address that leads nowhere. */
export function NotFoundPage() {
  return (
    <div className="mx-auto max-w-[640px] p-6">
      <EmptyState
        title="There is no such page"
        action={
          <Link to="/" className="text-accent underline">
            Go to the overview
          </Link>
        }
      >
        The address may have been mistyped, or what it named is gone.
      </EmptyState>
    </div>
  )
}
