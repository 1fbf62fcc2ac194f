import { type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import { TextField } from '../ui/Field.tsx'

/** An instant in UTC, to the second. */
export function SinceField({
  value,
  onChange,
}: {
  readonly value: Timestamp
  readonly onChange: (since: Timestamp) => void
}) {
  return (
    <TextField
      label="Since (UTC)"
      type="datetime-local"
      step={1}
      required
      value={value.slice(0, 19)}
      onChange={({ target }) => target.value !== '' && onChange(timestampOf(Date.parse(`${target.value}Z`)))}
    />
  )
}
