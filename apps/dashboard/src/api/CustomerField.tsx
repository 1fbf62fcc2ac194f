import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { TextField } from '../ui/Field.tsx'
import { call } from './client.ts'
import { listLedgerCustomers } from './endpoints.gen.ts'
import { useEnvironment } from './environment.ts'

const SUGGESTED_MAX = 20

/** Names a customer of the environment; suggests those whose name or id contains what was typed. */
export function CustomerField({
  label,
  hint,
  error,
  required = false,
  value,
  onChange,
}: {
  readonly label: string
  readonly hint?: string
  readonly error?: string | undefined
  readonly required?: boolean
  readonly value: string
  readonly onChange: (customerId: string) => void
}) {
  const environment = useEnvironment()
  const listId = useId()
  const suggested = useQuery({
    queryKey: ['customers', environment, 'suggested', value],
    queryFn: ({ signal }) =>
      call(listLedgerCustomers, { query: { limit: SUGGESTED_MAX, search: value } }, { environment, signal }),
    placeholderData: (before) => before,
  })
  return (
    <>
      <TextField
        label={label}
        hint={hint}
        error={error}
        required={required}
        list={listId}
        autoComplete="off"
        spellCheck={false}
        maxLength={128}
        value={value}
        onChange={(event) => onChange(event.target.value.trim())}
      />
      <datalist id={listId}>
        {suggested.data?.customers.map(({ customerId, displayName }) => (
          <option key={customerId} value={customerId}>
            {displayName ?? customerId}
          </option>
        ))}
      </datalist>
    </>
  )
}
