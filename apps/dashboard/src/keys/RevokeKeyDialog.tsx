import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { revokeApiKey } from '../api/endpoints.gen.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { TextField } from '../ui/Field.tsx'
import { ErrorState } from '../ui/States.tsx'
import { useToast } from '../ui/Toasts.tsx'
import type { ApiKey } from './key-queries.ts'

interface RevokeKeyDialogProps {
  readonly apiKey: ApiKey
  readonly onClose: () => void
  readonly onRevoked: () => void
}

/** Revokes a key for good. In Production only after its name was typed. */
export function RevokeKeyDialog({ apiKey, onClose, onRevoked }: RevokeKeyDialogProps) {
  const say = useToast()
  const [typed, setTyped] = useState('')
  const isProduction = apiKey.environment === 'live'
  const revoke = useMutation({
    mutationFn: () => call(revokeApiKey, { params: { keyId: apiKey.id } }),
    onSuccess: () => {
      say(`${apiKey.name} was revoked. It stops working everywhere within 5 seconds.`)
      onRevoked()
      onClose()
    },
  })
  const refusal = isProduction && typed !== apiKey.name ? `Type ${apiKey.name} first` : undefined
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={`Revoke ${apiKey.name}`}
      description="Whatever still uses it is refused within 5 seconds, and it cannot be brought back."
    >
      <div className="grid gap-4">
        {isProduction && (
          <TextField
            label={`Type the key's name, ${apiKey.name}, to confirm`}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
          />
        )}
        {revoke.error instanceof ApiProblem && (
          <ErrorState message={revoke.error.message} requestId={revoke.error.requestId} />
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="danger"
            disabledReason={refusal}
            isBusy={revoke.isPending}
            onClick={() => revoke.mutate()}
          >
            Revoke for good
          </Button>
        </div>
      </div>
    </Dialog>
  )
}
