import { spelling } from '@pacspace/api/environment'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { createApiKey, listApiKeys } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { whyNotCreateKey } from '../api/key-permission.ts'
import { useMe } from '../api/session.ts'
import { Button } from '../ui/Button.tsx'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { ErrorState } from '../ui/States.tsx'
import { KEY_PLACEHOLDER } from './code-samples.ts'

const KEY_NAME = 'Quick start'

interface KeyStepProps {
  /** Undefined until one was created on this page. */
  readonly fullKey: string | undefined
  readonly onCreated: (fullKey: string) => void
}

/** Creates a key and shows it whole, for as long as the page is open. */
export function KeyStep({ fullKey, onCreated }: KeyStepProps) {
  const me = useMe()
  const environment = useEnvironment()
  const queryClient = useQueryClient()
  const keyEnvironment = spelling[environment].key
  const keys = useQuery({
    queryKey: ['keys', environment, 'newest'],
    queryFn: ({ signal }) =>
      call(listApiKeys, { query: { environment: keyEnvironment, limit: 1 } }, { signal }),
  })
  const create = useMutation({
    mutationFn: () => call(createApiKey, { body: { name: KEY_NAME, environment: keyEnvironment } }),
    onSuccess: (key) => {
      onCreated(key.fullKey)
      void queryClient.invalidateQueries({ queryKey: ['keys'] })
    },
  })
  if (fullKey !== undefined) {
    return (
      <>
        <p className="mb-2 text-ink-soft">
          Store it now: it is shown until you leave this page, and never again. It is in the code below
          already.
        </p>
        <CodeBlock code={fullKey} label="API key" />
      </>
    )
  }
  const hasKeys = (keys.data?.total ?? 0) > 0
  return (
    <div className="grid justify-items-start gap-3">
      {/* As high as its longer text: what stands below does not move when it is known which one holds. */}
      <p className="min-h-[42px] max-w-[72ch] text-ink-soft">
        {hasKeys ? (
          <>
            You have a key already; its secret was shown once. Put it in place of{' '}
            <code className="numeric">{KEY_PLACEHOLDER}</code> below, or create another one.
          </>
        ) : (
          'A key is what your code sends to be recognised. It is filled into the code below.'
        )}
      </p>
      <Button
        look={hasKeys ? 'secondary' : 'primary'}
        icon={<KeyRound size={16} aria-hidden />}
        disabledReason={whyNotCreateKey(me, environment)}
        isBusy={create.isPending}
        onClick={() => create.mutate()}
      >
        {environment === 'sandbox' ? 'Create Sandbox key' : 'Create Production key'}
      </Button>
      {create.error instanceof ApiProblem && (
        <ErrorState message={create.error.message} requestId={create.error.requestId} />
      )}
    </div>
  )
}
