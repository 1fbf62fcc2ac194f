import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { updateMe } from '../api/endpoints.gen.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { meQuery, useMe } from '../api/session.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { TextField } from '../ui/Field.tsx'
import { useToast } from '../ui/Toasts.tsx'

/** Who one is: the name can be changed, address and role are shown. */
export function ProfileCard() {
  const me = useMe()
  const say = useToast()
  const queryClient = useQueryClient()
  const [firstName, setFirst] = useState(me.firstName)
  const [lastName, setLast] = useState(me.lastName)
  const save = useMutation({
    mutationFn: () => call(updateMe, { body: { firstName, lastName } }),
    onSuccess: async ({ name }) => {
      say(`Your name is ${name} now.`)
      await queryClient.invalidateQueries({ queryKey: meQuery.queryKey })
    },
  })
  const problem = save.error instanceof ApiProblem ? save.error : undefined
  const isSame = firstName === me.firstName && lastName === me.lastName
  return (
    <Card title="Profile">
      <form
        className="grid max-w-[560px] gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <div className="grid gap-3 min-[500px]:grid-cols-2">
          <TextField
            label="First name"
            autoComplete="given-name"
            required
            maxLength={100}
            value={firstName}
            error={problem?.detailOf('/firstName')}
            onChange={({ target }) => setFirst(target.value)}
          />
          <TextField
            label="Last name"
            autoComplete="family-name"
            required
            maxLength={100}
            value={lastName}
            error={problem?.detailOf('/lastName')}
            onChange={({ target }) => setLast(target.value)}
          />
        </div>
        <dl className="grid gap-x-4 gap-y-1 min-[500px]:grid-cols-[100px_1fr]">
          <dt className="text-ink-soft">E-mail</dt>
          <dd>{me.email}</dd>
          <dt className="text-ink-soft">Role</dt>
          <dd>{me.role}</dd>
        </dl>
        {problem?.details.length === 0 && <ProblemState error={problem} />}
        <Button
          type="submit"
          className="justify-self-start"
          isBusy={save.isPending}
          disabledReason={isSame ? 'Nothing is changed yet' : undefined}
        >
          Save the name
        </Button>
      </form>
    </Card>
  )
}
