import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { login, register } from '../api/endpoints.gen.ts'
import { meQuery } from '../api/session.ts'
import { Button } from '../ui/Button.tsx'
import { TextField } from '../ui/Field.tsx'
import { ErrorState } from '../ui/States.tsx'

const EMPTY = { firstName: '', lastName: '', email: '', password: '' }

/** Makes an account in the tenant of an invitation, and logs in with it. `token`: out of the mailed link. */
export function JoinForm({ token }: { readonly token: string }) {
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const [form, setForm] = useState(EMPTY)
  const join = useMutation({
    mutationFn: async () => {
      await call(register, { body: { ...form, invitationToken: token } })
      // A taken address gets the same answer, and its owner a mail; then the password will not fit.
      await call(login, { body: { email: form.email, password: form.password } })
    },
    onSuccess: async () => {
      queryClient.clear()
      await queryClient.ensureQueryData(meQuery)
      await navigate({ to: '/', replace: true })
    },
  })
  const problem = join.error instanceof ApiProblem ? join.error : undefined
  const isTaken = problem?.code === 'INVALID_CREDENTIALS'
  const field = (name: keyof typeof EMPTY) => ({
    required: true,
    value: form[name],
    error: problem?.detailOf(`/${name}`),
    onChange: (event: FormEvent<HTMLInputElement>) => setForm({ ...form, [name]: event.currentTarget.value }),
  })
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        join.mutate()
      }}
    >
      <div className="grid grid-cols-2 gap-3">
        <TextField label="First name" autoComplete="given-name" {...field('firstName')} />
        <TextField label="Last name" autoComplete="family-name" {...field('lastName')} />
      </div>
      <TextField label="E-mail" type="email" autoComplete="username" {...field('email')} />
      <TextField
        label="Password"
        type="password"
        autoComplete="new-password"
        minLength={8}
        maxLength={128}
        hint="At least 8 characters. Length is all that counts."
        {...field('password')}
      />
      {isTaken && (
        <ErrorState message="Please check your e-mail: we have sent you a message about this address." />
      )}
      {problem !== undefined && !isTaken && (
        <ErrorState message={problem.message} requestId={problem.requestId} />
      )}
      <Button type="submit" look="primary" isBusy={join.isPending}>
        Create account and join
      </Button>
    </form>
  )
}
