import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { updateMember } from '../api/endpoints.gen.ts'
import { type Member, membersQuery } from '../api/members.ts'
import { meQuery, useMe } from '../api/session.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorState } from '../ui/States.tsx'
import { useToast } from '../ui/Toasts.tsx'
import { RoleField } from './RoleField.tsx'
import { rolesToGive } from './team-rights.ts'

/** Gives a member another role, which ends their sessions. */
export function ChangeRoleDialog({
  member,
  onClose,
}: {
  readonly member: Member
  readonly onClose: () => void
}) {
  const me = useMe()
  const say = useToast()
  const queryClient = useQueryClient()
  const [role, setRole] = useState(member.role)
  const isSelf = member.id === me.id
  const change = useMutation({
    mutationFn: () => call(updateMember, { params: { userId: member.id }, body: { role } }),
    onSuccess: () => {
      say(isSelf ? `Your role is ${role} now. Log in again.` : `${member.name} is ${role} now.`)
      void queryClient.invalidateQueries({ queryKey: isSelf ? meQuery.queryKey : membersQuery.queryKey })
      onClose()
    },
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={isSelf ? 'Change your role' : `Change the role of ${member.name}`}
      description={
        isSelf
          ? 'It takes effect at once and ends your sessions, this one too.'
          : 'It takes effect at once: their sessions end, they log in again, and a mail tells them.'
      }
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate()
        }}
      >
        <RoleField roles={rolesToGive(me)} value={role} onChange={setRole} />
        {change.error instanceof ApiProblem && (
          <ErrorState message={change.error.message} requestId={change.error.requestId} />
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            isBusy={change.isPending}
            disabledReason={role === member.role ? 'This is the present role' : undefined}
          >
            Change role
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
