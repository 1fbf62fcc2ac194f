import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useEnvironment } from '../api/environment.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { useSignOut } from '../api/use-sign-out.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { useToast } from '../ui/Toasts.tsx'

/** Ends every session of this account: for a device that was lost, or a log-in that was not one's own. */
export function SessionsCard() {
  const environment = useEnvironment()
  const [isAsking, setAsking] = useState(false)
  return (
    <Card title="Sessions">
      <p className="mb-3 max-w-[72ch] text-ink-soft">
        A log-in lasts at most 12 hours. Every log-in, and where it came from, stands in the{' '}
        <Link to={paths.activity(environment)} className="text-accent underline">
          activity
        </Link>
        . If one was not yours, end all sessions and change your password.
      </p>
      <Button onClick={() => setAsking(true)}>Sign out everywhere</Button>
      {isAsking && <SignOutDialog onClose={() => setAsking(false)} />}
    </Card>
  )
}

function SignOutDialog({ onClose }: { readonly onClose: () => void }) {
  const say = useToast()
  const signOut = useSignOut({ onEnded: () => say('Every session was ended.') })
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title="Sign out everywhere"
      description="Every browser and program that is logged in as you is refused within 5 seconds, this one too. API keys go on working."
    >
      <ProblemState error={signOut.error} />
      <div className="mt-4 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button look="primary" isBusy={signOut.isPending} onClick={() => signOut.mutate(true)}>
          Sign out everywhere
        </Button>
      </div>
    </Dialog>
  )
}
