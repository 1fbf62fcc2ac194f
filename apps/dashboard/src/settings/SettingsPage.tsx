import { useMe } from '../api/session.ts'
import { Card, PageHeader } from '../ui/Card.tsx'
import { CopyButton } from '../ui/CopyButton.tsx'
import { EnvironmentsCard } from './EnvironmentsCard.tsx'
import { PasswordCard } from './PasswordCard.tsx'
import { VerificationCard } from './VerificationCard.tsx'

/** The tenant, its environments and their activation, and one's own account. */
export function SettingsPage() {
  const me = useMe()
  return (
    <>
      <PageHeader title="Settings">Your tenant, its environments, and your own account.</PageHeader>
      <div className="grid gap-4">
        {!me.isVerified && <VerificationCard />}
        <Card title="Tenant">
          <dl className="grid gap-2 min-[700px]:grid-cols-[160px_1fr]">
            <dt className="text-ink-soft">Company</dt>
            <dd>{me.tenant.companyName}</dd>
            <dt className="text-ink-soft">Tenant ID</dt>
            <dd className="flex items-center gap-1">
              <code className="numeric text-[13px]">{me.tenant.id}</code>
              <CopyButton text={me.tenant.id} label="tenant ID" />
            </dd>
          </dl>
        </Card>
        <EnvironmentsCard />
        <PasswordCard />
      </div>
    </>
  )
}
