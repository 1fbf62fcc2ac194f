import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { login } from '../api/endpoints.gen.ts'
import { meQuery } from '../api/session.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { TextField } from '../ui/Field.tsx'
import { ErrorState } from '../ui/States.tsx'
import { AccountFrame } from './AccountFrame.tsx'

/** Log-in. The token stays in a cookie that scripts cannot read. */
export function LoginPage() {
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const { next } = useSearch({ strict: false })
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const signIn = useMutation({
    mutationFn: () => call(login, { body: { email, password } }),
    onSuccess: async () => {
      queryClient.clear()
      await queryClient.ensureQueryData(meQuery)
      await navigate({ to: ownPath(next) ?? '/', replace: true })
    },
  })
  const { error } = signIn
  return (
    <AccountFrame title="Log in">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          signIn.mutate()
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
        <TextField
          label="Password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {error instanceof ApiProblem && <ErrorState message={error.message} requestId={error.requestId} />}
        <Button type="submit" look="primary" isBusy={signIn.isPending}>
          Log in
        </Button>
      </form>
      <p className="mt-4 flex justify-between text-[13px]">
        <Link to={paths.forgotPassword()} className="text-accent underline">
          Forgot your password?
        </Link>
        <Link to={paths.signUp()} className="text-accent underline">
          Create an account
        </Link>
      </p>
    </AccountFrame>
  )
}

/** Where to go on: a path of this site, never an address that somebody put into a link. */
function ownPath(next: unknown): string | undefined {
  if (typeof next !== 'string' || !next.startsWith('/')) return undefined
  const url = new URL(next, window.location.origin)
  return url.origin === window.location.origin ? url.pathname + url.search : undefined
}
