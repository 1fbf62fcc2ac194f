import { useMutation } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { resetPassword } from '../api/endpoints.gen.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { TextField } from '../ui/Field.tsx'
import { ErrorState } from '../ui/States.tsx'
import { AccountFrame } from './AccountFrame.tsx'

/** Where the mailed link leads: a new password, which ends every session of the account. */
export function ResetPasswordPage() {
  const { token } = useSearch({ strict: false })
  const [password, setPassword] = useState('')
  const reset = useMutation({
    mutationFn: () => call(resetPassword, { body: { token: String(token), password } }),
  })
  const problem = reset.error instanceof ApiProblem ? reset.error : undefined
  if (reset.isSuccess) {
    return (
      <AccountFrame title="Your password is changed">
        <p className="mb-4">Every session was ended. Log in with the new password.</p>
        <Link to={paths.login()} className="text-accent underline">
          Log in
        </Link>
      </AccountFrame>
    )
  }
  return (
    <AccountFrame title="Choose a new password">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          reset.mutate()
        }}
      >
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          minLength={8}
          maxLength={128}
          required
          hint="At least 8 characters. Length is all that counts."
          error={problem?.detailOf('/password')}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {problem !== undefined && <ErrorState message={problem.message} requestId={problem.requestId} />}
        <Button type="submit" look="primary" isBusy={reset.isPending}>
          Set the password
        </Button>
      </form>
    </AccountFrame>
  )
}
