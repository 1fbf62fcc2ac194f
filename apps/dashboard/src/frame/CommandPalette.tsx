import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { useEffect } from 'react'
import { useEnvironment } from '../api/environment.ts'
import { sectionGroups } from './sections.ts'

export interface CommandPaletteProps {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
}

const ITEM = 'flex cursor-pointer items-center gap-2.5 rounded-[6px] px-3 py-2 data-[selected=true]:bg-page'

/** Ctrl/⌘ K: every section, by its title or what people call it. */
export function CommandPalette({ open, onOpenChange }: CommandPaletteProps) {
  const navigate = useNavigate()
  const environment = useEnvironment()
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return
      event.preventDefault()
      onOpenChange(!open)
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [open, onOpenChange])
  const go = (to: string) => {
    onOpenChange(false)
    void navigate({ to })
  }
  return (
    <Command.Dialog
      open={open}
      onOpenChange={onOpenChange}
      label="Go to"
      overlayClassName="fixed inset-0 z-40 bg-[#000]/50"
      contentClassName="fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-32px)] max-w-[560px] -translate-x-1/2 overflow-hidden rounded-[8px] border border-line bg-surface shadow-float"
    >
      <PaletteBody onGo={go} environment={environment} />
    </Command.Dialog>
  )
}

function PaletteBody({
  onGo,
  environment,
}: {
  readonly onGo: (to: string) => void
  readonly environment: 'sandbox' | 'production'
}) {
  return (
    <>
      <Command.Input
        placeholder="Where to?"
        className="w-full border-b border-line bg-transparent px-4 py-3 outline-none"
      />
      <Command.List className="max-h-[50vh] overflow-y-auto p-2">
        {sectionGroups.flat().map(({ title, icon: Icon, path, words }) => (
          <Command.Item
            key={title}
            value={title}
            keywords={[words]}
            onSelect={() => onGo(path(environment))}
            className={ITEM}
          >
            <Icon size={16} aria-hidden />
            {title}
          </Command.Item>
        ))}
      </Command.List>
    </>
  )
}
