import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { isProblem } from '../api/api-problem.ts'
import { callText } from '../api/client.ts'
import { getLogKey } from '../api/endpoints.gen.ts'
import { ProblemState } from '../api/ProblemState.tsx'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { TextField } from '../ui/Field.tsx'
import { isLogKey } from '../ui/proof/known-log-keys.ts'

/** A key, and where it was taken from. */
export interface TrustedKey {
  readonly key: string
  readonly from: 'memory' | 'link' | 'server' | 'visitor' | 'file'
}

/**
 * Whose signature counts? The file cannot say: a key that comes with it would vouch for itself. Typed, asked of this server, or taken
 * from the file on purpose (docs/decisions/0073).
 */
export function KeyQuestion({
  origin,
  keyInFile,
  onTrust,
}: {
  /** `<host>/log/<id>`, as the file says. */
  readonly origin: string
  readonly keyInFile: string | undefined
  readonly onTrust: (key: TrustedKey) => void
}) {
  const logId = origin.split('/').at(-1) ?? ''
  const ask = useMutation({
    mutationFn: async () => (await callText(getLogKey, { params: { logId } })).trim(),
    onSuccess: (key) => onTrust({ key, from: 'server' }),
  })
  const isUnknownHere = isProblem(ask.error, 'NOT_FOUND')
  return (
    <Card title="Whose signature do you trust?">
      <p className="mb-4 max-w-[72ch] text-ink-soft">
        The head is signed in the name of <code className="numeric text-[12px] break-all">{origin}</code>.
        Take the key of that log from where you trust it, best not from whoever gave you the file. This
        browser remembers a key that it has verified something with.
      </p>
      <KeyForm origin={origin} onTrust={(key) => onTrust({ key, from: 'visitor' })} />
      <div className="mt-4 flex flex-wrap gap-2 border-t border-line pt-4">
        <Button isBusy={ask.isPending} onClick={() => ask.mutate()}>
          Ask this server for the key
        </Button>
        {keyInFile !== undefined && isLogKey(keyInFile) && (
          <Button onClick={() => onTrust({ key: keyInFile, from: 'file' })}>Trust the key in the file</Button>
        )}
      </div>
      <p className="mt-2 max-w-[72ch] text-[13px] text-ink-soft">
        Asking is one request to {window.location.host}.
        {keyInFile !== undefined &&
          ' With the key in the file you learn that the file agrees with itself, and not who made it.'}
      </p>
      {isUnknownHere ? (
        <p role="alert" className="mt-3 text-failed">
          This server has no such log. The file comes from another PacSpace: ask there.
        </p>
      ) : (
        <ProblemState error={ask.error} />
      )}
    </Card>
  )
}

function KeyForm({ origin, onTrust }: { readonly origin: string; readonly onTrust: (key: string) => void }) {
  const [text, setText] = useState('')
  const [error, setError] = useState<string>()
  const submit = () => {
    const key = text.trim()
    if (!isLogKey(key))
      return setError('A key is one line: the name of the log, +, 8 hex digits, +, and base64.')
    if (!key.startsWith(`${origin}+`)) return setError('That is the key of another log.')
    onTrust(key)
  }
  return (
    <form
      className="grid items-start gap-3 min-[700px]:grid-cols-[1fr_auto]"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <TextField
        label="Key of the log"
        placeholder="host/log/…+1a2b3c4d+…"
        autoComplete="off"
        spellCheck={false}
        value={text}
        error={error}
        onChange={(event) => {
          setText(event.target.value)
          setError(undefined)
        }}
      />
      <Button type="submit" look="primary" className="min-[700px]:mt-[25px]">
        Trust this key
      </Button>
    </form>
  )
}
