import { useState } from 'react'
import { Button } from '../ui/Button.tsx'
import { SelectField, TextField } from '../ui/Field.tsx'
import { type DeltaSearch, isNarrowed, statuses } from './delta-filter.ts'

const words = { QUEUED: 'Queued', PROCESSING: 'Processing', VERIFIED: 'Verified', FAILED: 'Failed' } as const

/** Narrows the list: by customer, status, and a reference or record. What is typed counts when it is sent. */
export function DeltaFilters({
  search,
  searchProblem,
  onChange,
}: {
  readonly search: DeltaSearch
  /** What the server says against the search. */
  readonly searchProblem: string | undefined
  readonly onChange: (filter: DeltaSearch) => void
}) {
  const [customerId, setCustomerId] = useState(search.customerId ?? '')
  const [text, setText] = useState(search.search ?? '')
  const narrow = (status = search.status) =>
    onChange({ customerId: customerId.trim() || undefined, status, search: text.trim() || undefined })
  return (
    <form
      aria-label="Filter deltas"
      className="mb-4 grid items-start gap-3 min-[700px]:grid-cols-[1fr_160px_1fr_auto]"
      onSubmit={(event) => {
        event.preventDefault()
        narrow()
      }}
    >
      <TextField
        label="Customer"
        placeholder="customer_001"
        maxLength={128}
        value={customerId}
        onChange={(event) => setCustomerId(event.target.value)}
      />
      <SelectField
        label="Status"
        value={search.status ?? ''}
        onChange={(event) =>
          onChange({
            customerId: customerId.trim() || undefined,
            status: statuses.find((status) => status === event.target.value),
            search: text.trim() || undefined,
          })
        }
      >
        <option value="">Any</option>
        {statuses.map((status) => (
          <option key={status} value={status}>
            {words[status]}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Reference or record"
        placeholder="bill_31, or rec_…"
        maxLength={255}
        value={text}
        error={searchProblem}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="flex gap-2 min-[700px]:mt-[25px]">
        <Button type="submit">Filter</Button>
        {isNarrowed(search) && (
          <Button look="quiet" onClick={() => onChange({})}>
            Clear
          </Button>
        )}
      </div>
    </form>
  )
}
