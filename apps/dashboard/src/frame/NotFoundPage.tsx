import { Link } from '@tanstack/react-router'
import { PageHeader } from '../ui/Card.tsx'
import { EmptyState } from '../ui/States.tsx'

/** An address that leads nowhere. */
export function NotFoundPage() {
  return (
    <div className="mx-auto max-w-[640px] p-6">
      <PageHeader title="There is no such page" />
      <EmptyState
        title="This address leads nowhere"
        action={
          <Link to="/" className="text-accent underline">
            Go to the overview
          </Link>
        }
      >
        It may have been mistyped, or what it named is gone.
      </EmptyState>
    </div>
  )
}
