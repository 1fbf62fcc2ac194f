import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { CustomerField } from '../api/CustomerField.tsx'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { monthName, monthOf } from '../ui/month.ts'
import { useToast } from '../ui/Toasts.tsx'
import { takeCheckpoint } from './checkpoint-queries.ts'

/** Takes a snapshot of the running month, of a customer or of all. */
export function SnapshotDialog({
  customerId: first,
  onClose,
}: {
  readonly customerId: string
  readonly onClose: () => void
}) {
  const environment = useEnvironment()
  const queryClient = useQueryClient()
  const say = useToast()
  const [customerId, setCustomerId] = useState(first)
  const month = monthOf(Date.now())
  const take = useMutation({
    mutationFn: () => takeCheckpoint(environment, customerId, month),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['checkpoints', environment] })
      say(`Snapshot of ${monthName(month)} taken. It is being verified.`)
      onClose()
    },
  })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Take a snapshot"
      description={`Of ${monthName(month)} as it stands now. The month goes on; each snapshot is a new one.`}
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          take.mutate()
        }}
      >
        <CustomerField
          label="Customer"
          hint="Empty: all customers together, under one root."
          value={customerId}
          onChange={setCustomerId}
        />
        <ProblemState error={take.error} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={take.isPending}>
            Take snapshot
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
