import { useMe } from '../api/session.ts'
import { PageHeader } from '../ui/Card.tsx'

/** Where one stands, at a glance. */
export function OverviewPage() {
  const me = useMe()
  return <PageHeader title="Overview">{me.tenant.companyName}</PageHeader>
}
