import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { rotateApiKey } from '../api/endpoints.gen.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { SelectField } from '../ui/Field.tsx'
import { ErrorState } from '../ui/States.tsx'
import type { ApiKey, NewApiKey } from './key-queries.ts'

const graces = {
  0: 'Not at all: it has leaked',
  3600: 'One hour',
  86400: 'One day',
  604800: 'One week',
} as const
type Grace = keyof typeof graces

interface RotateKeyDialogProps {
  readonly apiKey: ApiKey
  readonly onClose: () => void
  readonly onRotated: (key: NewApiKey) => void
}

/** Makes a successor with the same settings; both keys work until the grace is over. */
export function RotateKeyDialog({ apiKey, onClose, onRotated }: RotateKeyDialogProps) {
  const [grace, setGrace] = useState<Grace>(86400)
  const rotate = useMutation({
    mutationFn: () =>
      call(rotateApiKey, { params: { keyId: apiKey.id }, body: { gracePeriodSeconds: grace } }),
    onSuccess: onRotated,
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Rotate ${apiKey.name}`}
      description="You get a new key with the same settings. Put it into your service; the old one goes on working for a while."
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          rotate.mutate()
        }}
      >
        <SelectField
          label="How long the old key goes on"
          value={grace}
          onChange={(event) => setGrace(Number(event.target.value) as Grace)} // one of the options below
        >
          {Object.entries(graces).map(([seconds, text]) => (
            <option key={seconds} value={seconds}>
              {text}
            </option>
          ))}
        </SelectField>
        {rotate.error instanceof ApiProblem && (
          <ErrorState message={rotate.error.message} requestId={rotate.error.requestId} />
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={rotate.isPending}>
            Rotate key
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
