import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { removeMember } from '../api/endpoints.gen.ts'
import { type Member, membersQuery } from '../api/members.ts'
import { useMe } from '../api/session.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { ErrorState } from '../ui/States.tsx'
import { useToast } from '../ui/Toasts.tsx'

/** Removes a member, or leaves where it is oneself. */
export function RemoveMemberDialog({
  member,
  onClose,
}: {
  readonly member: Member
  readonly onClose: () => void
}) {
  const me = useMe()
  const say = useToast()
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const isSelf = member.id === me.id
  const remove = useMutation({
    mutationFn: () => call(removeMember, { params: { userId: member.id } }),
    onSuccess: () => {
      onClose()
      if (!isSelf) {
        say(`${member.name} was removed.`)
        void queryClient.invalidateQueries({ queryKey: membersQuery.queryKey })
        return
      }
      say(`You have left ${me.tenant.companyName}.`)
      queryClient.clear()
      void navigate({ to: paths.login() })
    },
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={isSelf ? `Leave ${me.tenant.companyName}` : `Remove ${member.name}`}
      description={
        isSelf
          ? 'Your account ends at once, and only an invitation brings you back. API keys that you made go on working: they belong to the tenant.'
          : `${member.email} can no longer log in, at once, and is told by mail. API keys that they made go on working: they belong to the tenant.`
      }
    >
      {remove.error instanceof ApiProblem && (
        <ErrorState message={remove.error.message} requestId={remove.error.requestId} />
      )}
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" isBusy={remove.isPending} onClick={() => remove.mutate()}>
          {isSelf ? 'Leave the team' : 'Remove from the team'}
        </Button>
      </div>
    </Dialog>
  )
}
