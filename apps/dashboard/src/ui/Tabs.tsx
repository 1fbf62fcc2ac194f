import { Tabs as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

export interface Tab {
  readonly key: string
  readonly title: string
  readonly content: ReactNode
}

/** One of several views of the same thing; arrow keys move between them. `label`: what they are views of. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  return (
    <Radix.Root {...(tabs[0] !== undefined && { defaultValue: tabs[0].key })}>
      <Radix.List aria-label={label} className="mb-3 flex gap-1 border-b border-line">
        {tabs.map(({ key, title }) => (
          <Radix.Trigger
            key={key}
            value={key}
            className="-mb-px min-h-9 border-b-2 border-transparent px-3 text-ink-soft hover:text-ink data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-ink"
          >
            {title}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map(({ key, content }) => (
        <Radix.Content key={key} value={key}>
          {content}
        </Radix.Content>
      ))}
    </Radix.Root>
  )
}
