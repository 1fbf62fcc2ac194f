import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { changePassword } from '../api/endpoints.gen.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { TextField } from '../ui/Field.tsx'
import { ErrorState } from '../ui/States.tsx'
import { useToast } from '../ui/Toasts.tsx'

/** Another password. It ends every session, this one too. */
export function PasswordCard() {
  const say = useToast()
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const [currentPassword, setCurrent] = useState('')
  const [newPassword, setNew] = useState('')
  const change = useMutation({
    mutationFn: () => call(changePassword, { body: { currentPassword, newPassword } }),
    onSuccess: () => {
      say('Your password is changed, and every session was ended. Log in again.')
      queryClient.clear()
      void navigate({ to: paths.login() })
    },
  })
  const problem = change.error instanceof ApiProblem ? change.error : undefined
  return (
    <Card title="Password">
      <form
        className="grid max-w-[420px] gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate()
        }}
      >
        <TextField
          label="Present password"
          type="password"
          autoComplete="current-password"
          required
          value={currentPassword}
          onChange={(event) => setCurrent(event.target.value)}
        />
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          required
          minLength={8}
          maxLength={128}
          value={newPassword}
          error={problem?.detailOf('/newPassword')}
          onChange={(event) => setNew(event.target.value)}
        />
        {problem !== undefined && <ErrorState message={problem.message} requestId={problem.requestId} />}
        <Button type="submit" className="justify-self-start" isBusy={change.isPending}>
          Change password
        </Button>
      </form>
    </Card>
  )
}
