import { FileUp } from 'lucide-react'
import { type DragEvent, useRef, useState } from 'react'
import { Button } from '../ui/Button.tsx'
import { Card } from '../ui/Card.tsx'
import { classes } from '../ui/classes.ts'
import { INPUT_LENGTH_MAX, type ProofInput, readProofInput } from './proof-input.ts'

/** Takes a proof file: dropped, chosen or pasted. What cannot hold a proof is said at once. */
export function FileDrop({ onChosen }: { readonly onChosen: (input: ProofInput, name: string) => void }) {
  const [error, setError] = useState<string>()
  const [isOver, setOver] = useState(false)
  const chooser = useRef<HTMLInputElement>(null)
  const take = (text: string, name: string) => {
    const input = readProofInput(text)
    if (input === undefined)
      setError(`${name} is JSON without a proof in it. Ask for the receipt of something verified.`)
    else onChosen(input, name)
  }
  const takeFile = async (file: File | undefined) => {
    if (file === undefined) return
    if (file.size > INPUT_LENGTH_MAX) return setError(`${file.name} is larger than any receipt of PacSpace.`)
    take(await file.text(), file.name)
  }
  const onDrop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void takeFile(event.dataTransfer.files[0])
  }
  return (
    <Card>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is a short cut for people with a mouse; the button does the same */}
      <div
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
        className={classes(
          'rounded-[8px] border border-dashed p-8 text-center',
          isOver ? 'border-accent bg-page' : 'border-line-strong',
        )}
      >
        <FileUp size={28} aria-hidden className="mx-auto mb-3 text-ink-soft" />
        <p className="mb-3">Drop a proof file or a JSON receipt here, or</p>
        <Button look="primary" onClick={() => chooser.current?.click()}>
          Choose a file
        </Button>
        <input
          ref={chooser}
          type="file"
          aria-label="Proof file"
          tabIndex={-1}
          className="sr-only"
          accept=".tlog-proof,.txt,.json,text/plain,application/json"
          onChange={(event) => void takeFile(event.target.files?.[0])}
        />
        <p role="alert" className="mt-3 text-failed empty:hidden">
          {error}
        </p>
      </div>
      <PasteForm onPaste={(text) => take(text, 'Pasted text')} />
    </Card>
  )
}

function PasteForm({ onPaste }: { readonly onPaste: (text: string) => void }) {
  const [text, setText] = useState('')
  return (
    <details className="mt-4">
      <summary className="cursor-pointer text-accent underline">Paste it instead</summary>
      <form
        className="mt-3 grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          onPaste(text)
        }}
      >
        <textarea
          aria-label="Text of the proof"
          required
          rows={8}
          maxLength={INPUT_LENGTH_MAX}
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="numeric w-full rounded-[8px] border border-line-strong bg-surface p-3 text-[12px]"
        />
        <div>
          <Button type="submit">Verify this text</Button>
        </div>
      </form>
    </details>
  )
}
