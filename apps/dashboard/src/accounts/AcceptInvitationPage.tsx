import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { acceptInvitation, logout } from '../api/endpoints.gen.ts'
import { type Me, meQuery } from '../api/session.ts'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { EmptyState, ErrorState, Skeleton } from '../ui/States.tsx'
import { AccountFrame } from './AccountFrame.tsx'
import { JoinForm } from './JoinForm.tsx'

/**
 * Where the mailed link leads. Somebody new makes an account in the team that invites; who has one moves over. Opening it
 * spends nothing.
 */
export function AcceptInvitationPage() {
  const { token } = useSearch({ strict: false })
  const me = useQuery(meQuery)
  return (
    <AccountFrame title="Join a team">
      {typeof token !== 'string' && (
        <EmptyState title="This link is not complete">
          Open the link of the mail as a whole, or ask whoever invited you to send it again.
        </EmptyState>
      )}
      {typeof token === 'string' && me.isPending && <Skeleton lines={4} label="Loading who you are" />}
      {me.error instanceof ApiProblem && (
        <ErrorState
          message={me.error.message}
          requestId={me.error.requestId}
          onRetry={() => void me.refetch()}
        />
      )}
      {typeof token === 'string' && me.data === null && <NewHere token={token} />}
      {typeof token === 'string' && me.data !== null && me.data !== undefined && (
        <MoveOver token={token} me={me.data} />
      )}
    </AccountFrame>
  )
}

function NewHere({ token }: { readonly token: string }) {
  const next = `${paths.acceptInvitation()}?token=${encodeURIComponent(token)}`
  return (
    <>
      <p className="mb-4">
        Make your account in the team that invites you. Use the address that the mail came to.
      </p>
      <JoinForm token={token} />
      <p className="mt-4 text-[13px]">
        You have an account with that address?{' '}
        <Link to={paths.login()} search={{ next }} className="text-accent underline">
          Log in and move over
        </Link>
      </p>
    </>
  )
}

function MoveOver({ token, me }: { readonly token: string; readonly me: Me }) {
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const accept = useMutation({ mutationFn: () => call(acceptInvitation, { body: { token } }) })
  const signOut = useMutation({
    mutationFn: () => call(logout, { body: {} }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: meQuery.queryKey }),
  })
  if (accept.isSuccess) {
    return (
      <div className="grid gap-4">
        <p>
          You are in the team of <strong>{accept.data.companyName}</strong> as {accept.data.role}. Log in
          again.
        </p>
        <Button
          look="primary"
          onClick={() => {
            queryClient.clear()
            void navigate({ to: paths.login() })
          }}
        >
          Log in
        </Button>
      </div>
    )
  }
  return (
    <div className="grid gap-4">
      <p>
        You are logged in as <strong>{me.email}</strong>. Accepting moves you into the team that invites you:
        you leave <strong>{me.tenant.companyName}</strong>, and every session ends.
      </p>
      {accept.error instanceof ApiProblem && (
        <ErrorState message={accept.error.message} requestId={accept.error.requestId} />
      )}
      <Button look="primary" isBusy={accept.isPending} onClick={() => accept.mutate()}>
        Accept and move over
      </Button>
      <p className="text-[13px] text-ink-soft">
        Is the invitation for another address?{' '}
        <button type="button" className="text-accent underline" onClick={() => signOut.mutate()}>
          Sign out
        </button>{' '}
        and open the link again. Or{' '}
        <Link to="/" className="text-accent underline">
          stay where you are
        </Link>
        .
      </p>
    </div>
  )
}
