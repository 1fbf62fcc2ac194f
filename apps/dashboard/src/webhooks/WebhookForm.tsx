import { type FormEvent, useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { useEnvironment } from '../api/environment.ts'
import { Button } from '../ui/Button.tsx'
import { TextField } from '../ui/Field.tsx'
import { ErrorState } from '../ui/States.tsx'
import { type ChosenEvents, EventChoice } from './EventChoice.tsx'

export interface WebhookFacts {
  readonly url: string
  readonly description: string
  readonly events: ChosenEvents
}

interface WebhookFormProps {
  readonly initial: WebhookFacts
  readonly action: string
  readonly isBusy: boolean
  readonly error: unknown
  readonly onSubmit: (facts: WebhookFacts) => void
  readonly onCancel: () => void
}

/** Where events are sent, which, and what for. */
export function WebhookForm({ initial, action, isBusy, error, onSubmit, onCancel }: WebhookFormProps) {
  const environment = useEnvironment()
  const [facts, setFacts] = useState(initial)
  const problem = error instanceof ApiProblem ? error : undefined
  const fieldErrors = ['/url', '/description', '/events'].map((path) => problem?.detailOf(path))
  const isTold = fieldErrors.some((text) => text !== undefined)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit(facts)
  }
  return (
    <form className="grid gap-4" onSubmit={submit}>
      <TextField
        label="URL"
        type="url"
        placeholder="https://example.com/webhooks/pacspace"
        hint={environment === 'production' ? 'https only, and a public address.' : 'A public address.'}
        required
        maxLength={2048}
        value={facts.url}
        error={fieldErrors[0] === undefined ? undefined : `The URL ${fieldErrors[0]}.`}
        onChange={({ target }) => setFacts({ ...facts, url: target.value })}
      />
      <TextField
        label="Description"
        hint="What listens there. Optional."
        maxLength={500}
        value={facts.description}
        error={fieldErrors[1]}
        onChange={({ target }) => setFacts({ ...facts, description: target.value })}
      />
      <EventChoice
        chosen={facts.events}
        error={fieldErrors[2]}
        onChange={(events) => setFacts({ ...facts, events })}
      />
      {problem !== undefined && !isTold && (
        <ErrorState message={problem.message} requestId={problem.requestId} />
      )}
      <div className="flex justify-end gap-2">
        <Button onClick={onCancel}>Cancel</Button>
        <Button
          type="submit"
          look="primary"
          isBusy={isBusy}
          disabledReason={facts.events?.length === 0 ? 'Choose at least one event' : undefined}
        >
          {action}
        </Button>
      </div>
    </form>
  )
}
