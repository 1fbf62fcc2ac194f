import { Button } from '../ui/Button.tsx'
import { type Column, Table } from '../ui/Table.tsx'
import { Time } from '../ui/Time.tsx'
import { type ApiKey, stateOf } from './key-queries.ts'

interface KeyTableProps {
  readonly keys: readonly ApiKey[]
  readonly mayChange: boolean
  readonly onRotate: (key: ApiKey) => void
  readonly onRevoke: (key: ApiKey) => void
}

/** Keys with their public part, when they were used last, and what can be done with them. */
export function KeyTable({ keys, mayChange, onRotate, onRevoke }: KeyTableProps) {
  const nowMs = Date.now()
  const refusal = mayChange ? undefined : 'Your role may not change keys of this environment.'
  const columns: Column<ApiKey>[] = [
    { key: 'name', title: 'Name', cell: (key) => <span className="font-medium">{key.name}</span> },
    { key: 'public', title: 'Key', cell: (key) => <code className="numeric">{key.publicKey}.…</code> },
    { key: 'state', title: 'State', cell: (key) => <KeyState apiKey={key} nowMs={nowMs} /> },
    {
      key: 'used',
      title: 'Last used',
      cell: (key) =>
        key.lastUsedAt === null ? (
          <span className="text-ink-soft">never</span>
        ) : (
          <Time iso={key.lastUsedAt} />
        ),
    },
    { key: 'created', title: 'Created', cell: (key) => <Time iso={key.createdAt} exact /> },
    {
      key: 'actions',
      title: '',
      cell: (key) =>
        stateOf(key, nowMs) === 'revoked' || stateOf(key, nowMs) === 'expired' ? null : (
          <span className="flex justify-end gap-2">
            {key.rotatedTo === null && (
              <Button
                aria-label={`Rotate ${key.name}`}
                disabledReason={refusal}
                onClick={() => onRotate(key)}
              >
                Rotate
              </Button>
            )}
            <Button
              look="danger"
              aria-label={`Revoke ${key.name}`}
              disabledReason={refusal}
              onClick={() => onRevoke(key)}
            >
              Revoke
            </Button>
          </span>
        ),
    },
  ]
  return <Table caption="API keys" columns={columns} rows={keys} keyOf={(key) => key.id} />
}

function KeyState({ apiKey, nowMs }: { readonly apiKey: ApiKey; readonly nowMs: number }) {
  switch (stateOf(apiKey, nowMs)) {
    case 'active':
      return <span>Active</span>
    case 'off':
      return <span className="text-ink-soft">Switched off</span>
    case 'rotated':
      return (
        <span className="text-ink-soft">
          Rotated, works until {apiKey.expiresAt && <Time iso={apiKey.expiresAt} exact />}
        </span>
      )
    case 'expired':
      return <span className="text-ink-soft">Expired</span>
    case 'revoked':
      return <span className="text-ink-soft">Revoked</span>
    default:
      return null
  }
}
