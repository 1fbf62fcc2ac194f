import { Button } from '../ui/Button.tsx'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import { verificationSamples } from './verification-samples.ts'
import type { WebhookWithSecret } from './webhook-queries.ts'

/** Shows the secret of an endpoint, once, and how a receiver checks with it. Closes on purpose only. */
export function SecretDialog({
  webhook,
  onClose,
}: {
  readonly webhook: WebhookWithSecret
  readonly onClose: () => void
}) {
  return (
    <Dialog
      open
      isSticky
      onOpenChange={onClose}
      title="Store this signing secret now"
      description={
        webhook.oldSecretUntil === null
          ? 'This is the only time that it is shown. Every event is signed with it.'
          : 'This is the only time that it is shown. For 24 hours the old secret signs beside it, so nothing is lost while you change over.'
      }
    >
      <div className="mb-4 flex items-start gap-2 rounded-[8px] border border-line bg-page p-3">
        <code className="numeric min-w-0 flex-1 text-[13px] break-all" data-testid="webhook-secret">
          {webhook.secret}
        </code>
        <CopyButton text={webhook.secret} label="signing secret" />
      </div>
      <p className="mb-1 font-medium">Check each event with it</p>
      <Tabs
        label="Language"
        tabs={verificationSamples(webhook.secret).map(({ title, code }) => ({
          key: title,
          title,
          content: <CodeBlock code={code} label={`${title} sample`} />,
        }))}
      />
      <div className="mt-4 flex justify-end">
        <Button look="primary" onClick={onClose}>
          I have stored it
        </Button>
      </div>
    </Dialog>
  )
}
