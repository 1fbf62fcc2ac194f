import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { ApiProblem } from '../api/api-problem.ts'
import { useEnvironment } from '../api/environment.ts'
import { whyNotCreateKey } from '../api/key-permission.ts'
import { hasRole, useMe } from '../api/session.ts'
import { Button } from '../ui/Button.tsx'
import { Card, PageHeader } from '../ui/Card.tsx'
import { EmptyState, ErrorState, Skeleton } from '../ui/States.tsx'
import { CreateKeyDialog } from './CreateKeyDialog.tsx'
import { KeyTable } from './KeyTable.tsx'
import { type ApiKey, keysQuery, type NewApiKey } from './key-queries.ts'
import { RevealKeyDialog } from './RevealKeyDialog.tsx'
import { RevokeKeyDialog } from './RevokeKeyDialog.tsx'
import { RotateKeyDialog } from './RotateKeyDialog.tsx'

/** What is open over the page. */
type Open =
  | { readonly kind: 'create' }
  | { readonly kind: 'reveal'; readonly key: NewApiKey }
  | { readonly kind: 'rotate' | 'revoke'; readonly key: ApiKey }

/** API keys of the environment: made, rotated with a grace, revoked. A secret is shown once. */
export function KeysPage() {
  const environment = useEnvironment()
  const me = useMe()
  const queryClient = useQueryClient()
  const keys = useQuery(keysQuery(environment))
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  // Also what other pages know of the keys, as the overview's checklist.
  const refresh = () => queryClient.invalidateQueries({ queryKey: ['keys'] })
  const reveal = (key: NewApiKey) => {
    setOpen({ kind: 'reveal', key })
    void refresh()
  }
  const refusal = whyNotCreateKey(me, environment)
  const create = (
    <Button
      look="primary"
      icon={<Plus size={16} aria-hidden />}
      disabledReason={refusal}
      onClick={() => setOpen({ kind: 'create' })}
    >
      {environment === 'sandbox' ? 'Create Sandbox key' : 'Create Production key'}
    </Button>
  )
  return (
    <>
      <PageHeader title="API keys" actions={create}>
        Keys let your servers write and read this environment. Give each service its own, so that one can be
        revoked without the others.
      </PageHeader>
      {keys.isPending && <Skeleton lines={5} label="Loading keys" />}
      {keys.error instanceof ApiProblem && (
        <ErrorState
          message={keys.error.message}
          requestId={keys.error.requestId}
          onRetry={() => void keys.refetch()}
        />
      )}
      {keys.data?.unavailable !== undefined && (
        <ErrorState message="This environment does not answer at the moment: its keys cannot be listed." />
      )}
      {keys.data?.items.length === 0 && keys.data.unavailable === undefined && (
        <EmptyState title="No keys yet" action={create}>
          A key is what your code sends in the header <code className="numeric">X-Api-Key</code>. Its secret
          is shown once.
        </EmptyState>
      )}
      {keys.data !== undefined && keys.data.items.length > 0 && (
        <Card>
          <KeyTable
            keys={keys.data.items}
            mayChange={hasRole(me, environment === 'sandbox' ? 'developer' : 'admin')}
            onRotate={(key) => setOpen({ kind: 'rotate', key })}
            onRevoke={(key) => setOpen({ kind: 'revoke', key })}
          />
        </Card>
      )}
      {open?.kind === 'create' && <CreateKeyDialog onClose={close} onCreated={reveal} />}
      {open?.kind === 'reveal' && <RevealKeyDialog newKey={open.key} onClose={close} />}
      {open?.kind === 'rotate' && <RotateKeyDialog apiKey={open.key} onClose={close} onRotated={reveal} />}
      {open?.kind === 'revoke' && <RevokeKeyDialog apiKey={open.key} onClose={close} onRevoked={refresh} />}
    </>
  )
}
