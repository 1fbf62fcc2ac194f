import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { paths } from '../paths.ts'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { TextField } from '../ui/Field.tsx'

const ROOT = /^0x[0-9a-f]{64}$/

/** Asks for a proof root and goes to what the server says of it. */
export function RootForm() {
  const navigate = useNavigate()
  const [root, setRoot] = useState('')
  const [error, setError] = useState<string>()
  return (
    <Card title="Only a proof root at hand?">
      <form
        className="grid items-start gap-3 min-[700px]:grid-cols-[1fr_auto]"
        onSubmit={(event) => {
          event.preventDefault()
          const text = root.trim().toLowerCase()
          if (ROOT.test(text)) void navigate({ to: paths.verifyRoot(text) })
          else
            setError(
              'A proof root is 0x and 64 digits of 0–9 and a–f: the receipt id, or the root of a checkpoint.',
            )
        }}
      >
        <TextField
          label="Proof root"
          placeholder="0x…"
          autoComplete="off"
          spellCheck={false}
          value={root}
          error={error}
          hint="The server recomputes what it commits to, and shows it to whoever holds the root."
          onChange={(event) => {
            setRoot(event.target.value)
            setError(undefined)
          }}
        />
        <Button type="submit" className="min-[700px]:mt-[25px]">
          Ask the server
        </Button>
      </form>
    </Card>
  )
}
