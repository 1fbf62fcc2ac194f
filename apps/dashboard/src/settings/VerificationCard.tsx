import { useMutation } from '@tanstack/react-query'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { resendVerificationEmail } from '../api/endpoints.gen.ts'
import { useMe } from '../api/session.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { ErrorState } from '../ui/States.tsx'

/** For an address that is not verified yet: what that keeps from you, and another mail. */
export function VerificationCard() {
  const { email } = useMe()
  const resend = useMutation({ mutationFn: () => call(resendVerificationEmail, { body: { email } }) })
  return (
    <Card title="Verify your e-mail address">
      <p className="mb-3 max-w-[72ch]">
        Keys, webhooks and Production wait for it. The link is in the mail that we sent to{' '}
        <strong>{email}</strong>.
      </p>
      {resend.isSuccess ? (
        <p role="status">Another mail is on its way.</p>
      ) : (
        <Button isBusy={resend.isPending} onClick={() => resend.mutate()}>
          Send the mail again
        </Button>
      )}
      {resend.error instanceof ApiProblem && (
        <ErrorState message={resend.error.message} requestId={resend.error.requestId} />
      )}
    </Card>
  )
}
