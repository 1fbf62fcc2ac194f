import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { verifyEmail } from '../api/endpoints.gen.ts'
import { meQuery } from '../api/session.ts'
import { Button } from '../ui/Button.tsx'
import { EmptyState, ErrorState } from '../ui/States.tsx'
import { AccountFrame } from './AccountFrame.tsx'

/** Where the mailed link leads. Opening it spends nothing, since mail scanners open links too: the click does. */
export function VerifyEmailPage() {
  const { token } = useSearch({ strict: false })
  const queryClient = useQueryClient()
  const verify = useMutation({
    mutationFn: () => call(verifyEmail, { query: { token: String(token) } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: meQuery.queryKey }),
  })
  if (verify.isSuccess) {
    return (
      <AccountFrame title="Your address is verified">
        <p className="mb-4">You can create API keys, webhooks and environments now.</p>
        <Link to="/" className="text-accent underline">
          Go to your dashboard
        </Link>
      </AccountFrame>
    )
  }
  return (
    <AccountFrame title="Verify your e-mail address">
      {token === undefined ? (
        <EmptyState title="This link is not complete">
          Open the link of the mail as a whole, or ask for a new mail in your settings.
        </EmptyState>
      ) : (
        <div className="grid gap-4">
          <p>One click, and this address is yours.</p>
          {verify.error instanceof ApiProblem && (
            <ErrorState message={verify.error.message} requestId={verify.error.requestId} />
          )}
          <Button look="primary" isBusy={verify.isPending} onClick={() => verify.mutate()}>
            Verify my address
          </Button>
        </div>
      )}
    </AccountFrame>
  )
}
