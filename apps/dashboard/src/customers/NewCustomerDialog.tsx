import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { createCustomer } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { TextField } from '../ui/Field.tsx'

/** Creates a customer with a name before its first delta, and opens its page. */
export function NewCustomerDialog({ onClose }: { readonly onClose: () => void }) {
  const environment = useEnvironment()
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const [displayName, setDisplayName] = useState('')
  const [customerId, setCustomerId] = useState('')
  const create = useMutation({
    mutationFn: () =>
      call(
        createCustomer,
        { body: { displayName, ...(customerId !== '' && { customerId }) } },
        { environment },
      ),
    onSuccess: (created) => {
      void queryClient.invalidateQueries({ queryKey: ['customers', environment] })
      void navigate({ to: paths.customer(environment, created.customerId) })
    },
  })
  const problem = create.error instanceof ApiProblem ? create.error : undefined
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="New customer"
      description="Only needed to give a name: a customer is also made by its first delta."
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
          placeholder="Northwind Traders"
          hint="What people call it. In no proof."
          required
          maxLength={200}
          value={displayName}
          onChange={(event) => setDisplayName(event.target.value)}
          error={problem?.detailOf('/displayName')}
        />
        <TextField
          label="Customer id (optional)"
          placeholder="northwind"
          hint="What your code sends: letters, digits, and _ - . : It cannot be changed. Without one we make one."
          maxLength={128}
          value={customerId}
          onChange={(event) => setCustomerId(event.target.value)}
          error={problem?.detailOf('/customerId')}
        />
        <ProblemState error={create.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={create.isPending}>
            Create customer
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
