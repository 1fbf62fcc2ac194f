import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { createInvitation, revokeInvitation } from '../api/endpoints.gen.ts'
import { hasRole, useMe } from '../api/session.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { ErrorState, Skeleton } from '../ui/States.tsx'
import { type Column, Table } from '../ui/Table.tsx'
import { Time } from '../ui/Time.tsx'
import { useToast } from '../ui/Toasts.tsx'
import { type Invitation, invitationsQuery } from './team-queries.ts'
import { whyNotInvite } from './team-rights.ts'

/** Places that were offered and not taken yet: sent again, or withdrawn. */
export function InvitationsCard() {
  const me = useMe()
  const invitations = useQuery(invitationsQuery)
  return (
    <Card title="Open invitations">
      {invitations.isPending && <Skeleton lines={2} label="Loading invitations" />}
      {invitations.error instanceof ApiProblem && (
        <ErrorState
          message={invitations.error.message}
          requestId={invitations.error.requestId}
          onRetry={() => void invitations.refetch()}
        />
      )}
      {invitations.data?.invitations.length === 0 && (
        <p className="text-ink-soft">None. Whoever you invite is listed here until they have accepted.</p>
      )}
      {invitations.data !== undefined && invitations.data.invitations.length > 0 && (
        <Table
          caption="Open invitations"
          columns={hasRole(me, 'admin') ? [...columns, actions] : columns}
          rows={invitations.data.invitations}
          keyOf={(invitation) => invitation.id}
        />
      )}
    </Card>
  )
}

const columns: Column<Invitation>[] = [
  {
    key: 'email',
    title: 'E-mail',
    cell: (invitation) => <span className="min-w-0 font-medium">{invitation.email}</span>,
  },
  { key: 'role', title: 'Role', cell: (invitation) => invitation.role },
  { key: 'by', title: 'Invited by', cell: (invitation) => invitation.invitedBy },
  { key: 'until', title: 'Works until', cell: (invitation) => <Time iso={invitation.expiresAt} exact /> },
]
const actions: Column<Invitation> = {
  key: 'actions',
  title: '',
  cell: (invitation) => <Actions invitation={invitation} />,
}

function Actions({ invitation }: { readonly invitation: Invitation }) {
  const me = useMe()
  const say = useToast()
  const queryClient = useQueryClient()
  const { email, role, id } = invitation
  const settle = {
    onError: (error: Error) => error instanceof ApiProblem && say(error.message, error.requestId),
    onSettled: () => queryClient.invalidateQueries({ queryKey: invitationsQuery.queryKey }),
  }
  // Inviting again replaces the open one: the older link is worth nothing then.
  const resend = useMutation({
    mutationFn: () => call(createInvitation, { body: { email, role } }),
    onSuccess: () => say(`Another mail is on its way to ${email}. The link before it no longer works.`),
    ...settle,
  })
  const withdraw = useMutation({
    mutationFn: () => call(revokeInvitation, { params: { invitationId: id } }),
    onSuccess: () => say(`The invitation of ${email} is withdrawn.`),
    ...settle,
  })
  const refusal =
    whyNotInvite(me) ??
    (role === 'owner' && me.role !== 'owner' ? 'Owners are invited by owners.' : undefined)
  return (
    <span className="flex flex-wrap justify-end gap-2">
      <Button
        aria-label={`Send again: the invitation of ${email}`}
        disabledReason={refusal}
        isBusy={resend.isPending}
        onClick={() => resend.mutate()}
      >
        Send again
      </Button>
      <Button
        look="danger"
        aria-label={`Withdraw the invitation of ${email}`}
        disabledReason={refusal}
        isBusy={withdraw.isPending}
        onClick={() => withdraw.mutate()}
      >
        Withdraw
      </Button>
    </span>
  )
}
