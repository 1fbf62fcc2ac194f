import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { createInvitation } from '../api/endpoints.gen.ts'
import { type Me, useMe } from '../api/session.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { TextField } from '../ui/Field.tsx'
import { ErrorState } from '../ui/States.tsx'
import { useToast } from '../ui/Toasts.tsx'
import { RoleField } from './RoleField.tsx'
import { invitationsQuery } from './team-queries.ts'
import { rolesToGive } from './team-rights.ts'

/** Offers a place in the team by mail. */
export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const me = useMe()
  const say = useToast()
  const queryClient = useQueryClient()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Me['role']>('developer')
  const invite = useMutation({
    mutationFn: () => call(createInvitation, { body: { email, role } }),
    onSuccess: (invitation) => {
      say(`An invitation is on its way to ${invitation.email}.`)
      void queryClient.invalidateQueries({ queryKey: invitationsQuery.queryKey })
      onClose()
    },
  })
  const problem = invite.error instanceof ApiProblem ? invite.error : undefined
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Invite somebody"
      description="They get a mail with a link that works for seven days, for that address only."
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          invite.mutate()
        }}
      >
        <TextField
          label="E-mail"
          type="email"
          autoComplete="off"
          required
          maxLength={254}
          value={email}
          error={problem?.detailOf('/email')}
          onChange={({ target }) => setEmail(target.value)}
        />
        <RoleField roles={rolesToGive(me)} value={role} onChange={setRole} />
        {problem !== undefined && problem.detailOf('/email') === undefined && (
          <ErrorState message={problem.message} requestId={problem.requestId} />
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={invite.isPending}>
            Send the invitation
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
