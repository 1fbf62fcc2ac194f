import { useMutation } from '@tanstack/react-query'
import { ChevronDown, Send } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { ApiProblem } from '../api/api-problem.ts'
import { call } from '../api/client.ts'
import { testWebhook } from '../api/endpoints.gen.ts'
import { useEnvironment } from '../api/environment.ts'
import { useMe } from '../api/session.ts'
import { Button } from '../ui/Button.tsx'
import { useToast } from '../ui/Toasts.tsx'
import type { Webhook } from './webhook-queries.ts'
import { whyNotChange } from './webhook-role.ts'

/** What opens a dialog over the page of an endpoint. */
export type WebhookAction = 'edit' | 'rotate' | 'enable' | 'switch-off' | 'recover' | 'delete'

interface WebhookActionsProps {
  readonly webhook: Webhook
  readonly onAction: (action: WebhookAction) => void
  readonly onSent: () => void
}

const ITEM =
  'flex min-h-9 cursor-pointer items-center rounded-[6px] px-3 outline-none data-[highlighted]:bg-page'

/** A test at hand, the rest in a menu. Who may only look is told so. */
export function WebhookActions({ webhook, onAction, onSent }: WebhookActionsProps) {
  const environment = useEnvironment()
  const say = useToast()
  const refusal = whyNotChange(useMe())
  const send = useMutation({
    mutationFn: () => call(testWebhook, { params: { id: webhook.id } }, { environment }),
    onSuccess: () => {
      say('A test event is on its way. It appears among the deliveries.')
      onSent()
    },
    onError: (error) => error instanceof ApiProblem && say(error.message, error.requestId),
  })
  const items: readonly { action: WebhookAction; text: string }[] = [
    { action: 'edit', text: 'Edit URL and events' },
    { action: 'rotate', text: 'Rotate the secret' },
    { action: 'recover', text: 'Send failures again' },
    webhook.active
      ? { action: 'switch-off', text: 'Switch off' }
      : { action: 'enable', text: 'Enable again' },
    { action: 'delete', text: 'Delete' },
  ]
  return (
    <>
      <Button
        icon={<Send size={15} aria-hidden />}
        isBusy={send.isPending}
        disabledReason={
          refusal ?? (webhook.active ? undefined : 'Nothing is sent while it is off. Enable it first.')
        }
        onClick={() => send.mutate()}
      >
        Send a test event
      </Button>
      {refusal !== undefined ? (
        <Button disabledReason={refusal}>Manage</Button>
      ) : (
        <DropdownMenu.Root>
          <DropdownMenu.Trigger asChild>
            <Button>
              Manage <ChevronDown size={15} aria-hidden />
            </Button>
          </DropdownMenu.Trigger>
          <DropdownMenu.Portal>
            <DropdownMenu.Content
              align="end"
              sideOffset={6}
              className="z-50 w-[220px] rounded-[8px] border border-line bg-surface p-1 shadow-float"
            >
              {items.map(({ action, text }) => (
                <DropdownMenu.Item
                  key={action}
                  className={action === 'delete' ? `${ITEM} text-failed` : ITEM}
                  onSelect={() => onAction(action)}
                >
                  {text}
                </DropdownMenu.Item>
              ))}
            </DropdownMenu.Content>
          </DropdownMenu.Portal>
        </DropdownMenu.Root>
      )}
    </>
  )
}
