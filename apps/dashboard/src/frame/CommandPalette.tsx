import { useNavigate } from '@tanstack/react-router'
import { Command, useCommandState } from 'cmdk'
import { useEffect } from 'react'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { sectionGroups } from './sections.ts'

export interface CommandPaletteProps {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
}

const ITEM = 'flex cursor-pointer items-center gap-2.5 rounded-[6px] px-3 py-2 data-[selected=true]:bg-page'
const RECORD_ID = /^rec_[0-9A-Za-z]+$/
const PROOF_ROOT = /^0x[0-9a-f]{64}$/

/** Ctrl/⌘ K: every section, and whatever an id leads to. */
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
        placeholder="A section, a record id, a proof root, a customer"
        className="w-full border-b border-line bg-transparent px-4 py-3 outline-none"
      />
      <Command.List className="max-h-[50vh] overflow-y-auto p-2">
        <SearchedId onGo={onGo} environment={environment} />
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
        <Command.Item value="Verify a proof" onSelect={() => onGo(paths.verify())} className={ITEM}>
          Verify a proof
        </Command.Item>
      </Command.List>
    </>
  )
}

/** What was typed, if it can be the name of something. */
function SearchedId({
  onGo,
  environment,
}: {
  readonly onGo: (to: string) => void
  readonly environment: 'sandbox' | 'production'
}) {
  const search = useCommandState((state) => state.search).trim()
  if (search === '') return null
  const target = RECORD_ID.test(search)
    ? { text: `Delta ${search}`, to: paths.delta(environment, search) }
    : PROOF_ROOT.test(search)
      ? { text: `Verify ${search.slice(0, 12)}…`, to: paths.verifyRoot(search) }
      : { text: `Customer ${search}`, to: paths.customer(environment, search) }
  return (
    <Command.Item forceMount value={`id ${search}`} onSelect={() => onGo(target.to)} className={ITEM}>
      {target.text}
    </Command.Item>
  )
}
