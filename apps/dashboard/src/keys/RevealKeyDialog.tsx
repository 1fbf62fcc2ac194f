import { Button } from '../ui/Button.tsx'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import type { NewApiKey } from './key-queries.ts'

/** Shows a new key whole, once. Closes on purpose only. */
export function RevealKeyDialog({
  newKey,
  onClose,
}: {
  readonly newKey: NewApiKey
  readonly onClose: () => void
}) {
  return (
    <Dialog
      open
      isSticky
      onOpenChange={onClose}
      title="Store this key now"
      description="This is the only time that it is shown. We keep a hash of it, nothing else."
    >
      <div className="mb-4 flex items-start gap-2 rounded-[8px] border border-line bg-page p-3">
        <code className="numeric min-w-0 flex-1 text-[13px] break-all" data-testid="full-key">
          {newKey.fullKey}
        </code>
        <CopyButton text={newKey.fullKey} label="API key" />
      </div>
      <p className="mb-1 font-medium">Your first delta with it</p>
      <CodeBlock code={sampleWith(newKey.fullKey)} label="command" />
      <div className="mt-4 flex justify-end">
        <Button look="primary" onClick={onClose}>
          I have stored it
        </Button>
      </div>
    </Dialog>
  )
}

function sampleWith(fullKey: string): string {
  return `curl ${window.location.origin}/api/v1/balance/delta \\
  -H "X-Api-Key: ${fullKey}" \\
  -H "Content-Type: application/json" \\
  -d '{"customerId":"customer_001","delta":-250,"reason":"seat charge"}'`
}
