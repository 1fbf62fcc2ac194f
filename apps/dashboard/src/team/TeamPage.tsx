import { UserPlus } from 'lucide-react'
import { useState } from 'react'
import { useMe } from '../api/session.ts'
import { Button } from '../ui/Button.tsx'
import { Card, PageHeader } from '../ui/Card.tsx'
import { InvitationsCard } from './InvitationsCard.tsx'
import { InviteDialog } from './InviteDialog.tsx'
import { MembersCard } from './MembersCard.tsx'
import { roleMeanings, whyNotInvite } from './team-rights.ts'

/** Who belongs to the tenant, who is invited, and what each role may do. The same in both environments. */
export function TeamPage() {
  const me = useMe()
  const [isInviting, setInviting] = useState(false)
  return (
    <>
      <PageHeader
        title="Team"
        actions={
          <Button
            look="primary"
            icon={<UserPlus size={16} aria-hidden />}
            disabledReason={whyNotInvite(me)}
            onClick={() => setInviting(true)}
          >
            Invite somebody
          </Button>
        }
      >
        Everybody who can log in to {me.tenant.companyName}. A role holds for both environments.
      </PageHeader>
      <div className="grid gap-4">
        <MembersCard />
        <InvitationsCard />
        <Card title="Roles">
          <dl className="grid gap-x-4 gap-y-1 min-[700px]:grid-cols-[120px_1fr]">
            {roleMeanings.map(({ role, meaning }) => (
              <div key={role} className="contents">
                <dt className="font-medium">{role}</dt>
                <dd className="text-ink-soft">{meaning}</dd>
              </div>
            ))}
          </dl>
        </Card>
      </div>
      {isInviting && <InviteDialog onClose={() => setInviting(false)} />}
    </>
  )
}
