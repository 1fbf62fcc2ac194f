import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { requestPasswordReset } from '../api/endpoints.gen.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { TextField } from '../ui/Field.tsx'
import { ErrorState } from '../ui/States.tsx'
import { AccountFrame } from './AccountFrame.tsx'

/** Asks for a mail with a link that sets a new password. Says the same whether the address has an account or not. */
export function ForgotPasswordPage() {
  const [email, setEmail] = useState('')
  const ask = useMutation({ mutationFn: () => call(requestPasswordReset, { body: { email } }) })
  return (
    <AccountFrame title="Forgot your password?">
      {ask.isSuccess ? (
        <p role="status">
          If <strong>{email}</strong> has an account, a mail with a link is on its way. The link works for 60
          minutes.
        </p>
      ) : (
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            ask.mutate()
          }}
        >
          <TextField
            label="E-mail"
            type="email"
            autoComplete="username"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
          {ask.error instanceof ApiProblem && (
            <ErrorState message={ask.error.message} requestId={ask.error.requestId} />
          )}
          <Button type="submit" look="primary" isBusy={ask.isPending}>
            Send me a link
          </Button>
        </form>
      )}
      <p className="mt-4 text-[13px]">
        <Link to={paths.login()} className="text-accent underline">
          Back to log-in
        </Link>
      </p>
    </AccountFrame>
  )
}
