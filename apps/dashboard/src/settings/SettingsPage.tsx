import { useMe } from '../api/session.ts'
import { PageHeader } from '../ui/Card.tsx'
import { EnvironmentsCard } from './EnvironmentsCard.tsx'
import { PasswordCard } from './PasswordCard.tsx'
import { ProfileCard } from './ProfileCard.tsx'
import { SessionsCard } from './SessionsCard.tsx'
import { TenantCard } from './TenantCard.tsx'
import { VerificationCard } from './VerificationCard.tsx'

/** The tenant, its environments and their activation, and one's own account. */
export function SettingsPage() {
  const me = useMe()
  return (
    <>
      <PageHeader title="Settings">Your tenant, its environments, and your own account.</PageHeader>
      <div className="grid gap-4">
        {!me.isVerified && <VerificationCard />}
        <TenantCard />
        <EnvironmentsCard />
        <ProfileCard />
        <PasswordCard />
        <SessionsCard />
      </div>
    </>
  )
}
