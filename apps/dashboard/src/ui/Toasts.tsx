import { X } from 'lucide-react'
import { Toast } from 'radix-ui'
import { createContext, type ReactNode, useCallback, useContext, useState } from 'react'

const SHOWN_MS = 6_000

interface Message {
  readonly id: number
  readonly text: string
  readonly requestId: string | undefined
}

type Say = (text: string, requestId?: string) => void

const ToastContext = createContext<Say>(() => {})

/** Says once what happened, for the whole page. */
export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [messages, setMessages] = useState<readonly Message[]>([])
  const say = useCallback<Say>((text, requestId) => {
    setMessages((before) => [...before, { id: (before.at(-1)?.id ?? 0) + 1, text, requestId }])
  }, [])
  return (
    <ToastContext.Provider value={say}>
      <Toast.Provider duration={SHOWN_MS} label="Message">
        {children}
        {messages.map(({ id, text, requestId }) => (
          <Toast.Root
            key={id}
            onOpenChange={(open) => open || setMessages((before) => before.filter((one) => one.id !== id))}
            className="flex items-start gap-3 rounded-[8px] border border-line bg-surface p-3 shadow-float"
          >
            <Toast.Description>
              {text}
              {requestId !== undefined && (
                <code className="numeric block text-[12px] text-ink-soft">{requestId}</code>
              )}
            </Toast.Description>
            <Toast.Close
              aria-label="Dismiss"
              className="ml-auto inline-flex size-6 items-center justify-center rounded hover:bg-page"
            >
              <X size={14} aria-hidden />
            </Toast.Close>
          </Toast.Root>
        ))}
        <Toast.Viewport className="fixed right-4 bottom-4 z-50 grid w-[calc(100vw-32px)] max-w-[380px] gap-2" />
      </Toast.Provider>
    </ToastContext.Provider>
  )
}

/** What says things: `say('The key was revoked')`. */
export function useToast(): Say {
  return useContext(ToastContext)
}
