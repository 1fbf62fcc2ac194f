import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { useEnvironment } from '../api/environment.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { TextField } from '../ui/Field.tsx'
import { ErrorState } from '../ui/States.tsx'
import { createKey, type NewApiKey } from './key-queries.ts'

interface CreateKeyDialogProps {
  readonly onClose: () => void
  readonly onCreated: (key: NewApiKey) => void
}

/** Asks for the name of a new key. */
export function CreateKeyDialog({ onClose, onCreated }: CreateKeyDialogProps) {
  const environment = useEnvironment()
  const [name, setName] = useState('')
  const create = useMutation({ mutationFn: () => createKey(environment, name), onSuccess: onCreated })
  const problem = create.error instanceof ApiProblem ? create.error : undefined
  const title = environment === 'sandbox' ? 'Create a Sandbox key' : 'Create a Production key'
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={title}
      description="It works at once. Its secret is shown in the next step, once."
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          create.mutate()
        }}
      >
        <TextField
          label="Name"
          placeholder="billing service"
          hint="What uses it, so that you find it again."
          required
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={problem?.detailOf('/name')}
        />
        {problem !== undefined && <ErrorState message={problem.message} requestId={problem.requestId} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={create.isPending}>
            Create key
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
