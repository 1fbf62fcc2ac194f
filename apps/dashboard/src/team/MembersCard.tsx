import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { type Member, membersQuery } from '../api/members.ts'
import { hasRole, useMe } from '../api/session.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { ErrorState, Skeleton } from '../ui/States.tsx'
import { type Column, Table } from '../ui/Table.tsx'
import { Time } from '../ui/Time.tsx'
import { ChangeRoleDialog } from './ChangeRoleDialog.tsx'
import { RemoveMemberDialog } from './RemoveMemberDialog.tsx'
import { whyNotChangeRole, whyNotRemove } from './team-rights.ts'

interface Open {
  readonly kind: 'role' | 'remove'
  readonly member: Member
}

/** Who belongs to the tenant, with which role. */
export function MembersCard() {
  const members = useQuery(membersQuery)
  const me = useMe()
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  return (
    <Card title="Members">
      {!hasRole(me, 'admin') && (
        <p className="mb-3 text-ink-soft">Members and their roles are changed by admins and owners.</p>
      )}
      {members.isPending && <Skeleton lines={4} label="Loading members" />}
      {members.error instanceof ApiProblem && (
        <ErrorState
          message={members.error.message}
          requestId={members.error.requestId}
          onRetry={() => void members.refetch()}
        />
      )}
      {members.data !== undefined && <MemberTable members={members.data.members} onOpen={setOpen} />}
      {open?.kind === 'role' && <ChangeRoleDialog member={open.member} onClose={close} />}
      {open?.kind === 'remove' && <RemoveMemberDialog member={open.member} onClose={close} />}
    </Card>
  )
}

function MemberTable({
  members,
  onOpen,
}: {
  readonly members: readonly Member[]
  readonly onOpen: (open: Open) => void
}) {
  const me = useMe()
  const columns: Column<Member>[] = [
    {
      key: 'name',
      title: 'Name',
      cell: (member) => (
        <span className="min-w-0">
          <span className="block font-medium">
            {member.name}
            {member.id === me.id && ' (you)'}
          </span>
          <span className="text-ink-soft">{member.email}</span>
        </span>
      ),
    },
    {
      key: 'role',
      title: 'Role',
      cell: (member) => (
        <span>
          {member.role}
          {!member.isVerified && <span className="block text-ink-soft">address not verified</span>}
        </span>
      ),
    },
    {
      key: 'login',
      title: 'Last log-in',
      cell: (member) =>
        member.lastLoginAt === null ? (
          <span className="text-ink-soft">never</span>
        ) : (
          <Time iso={member.lastLoginAt} />
        ),
    },
    { key: 'since', title: 'Since', cell: (member) => <Time iso={member.createdAt} exact /> },
    {
      key: 'actions',
      title: '',
      cell: (member) => <Actions member={member} members={members} onOpen={onOpen} />,
    },
  ]
  return <Table caption="Members" columns={columns} rows={members} keyOf={(member) => member.id} />
}

/** What can be done with a member. Who may change nobody is offered the own way out alone. */
function Actions({
  member,
  members,
  onOpen,
}: {
  readonly member: Member
  readonly members: readonly Member[]
  readonly onOpen: (open: Open) => void
}) {
  const me = useMe()
  const isSelf = member.id === me.id
  const mayManage = hasRole(me, 'admin')
  if (!isSelf && !mayManage) return null
  return (
    <span className="flex flex-wrap justify-end gap-2">
      {mayManage && (
        <Button
          aria-label={`Change role of ${member.name}`}
          disabledReason={whyNotChangeRole(me, member, members)}
          onClick={() => onOpen({ kind: 'role', member })}
        >
          Change role
        </Button>
      )}
      <Button
        look="danger"
        aria-label={isSelf ? 'Leave the team' : `Remove ${member.name}`}
        disabledReason={whyNotRemove(me, member, members)}
        onClick={() => onOpen({ kind: 'remove', member })}
      >
        {isSelf ? 'Leave' : 'Remove'}
      </Button>
    </span>
  )
}
