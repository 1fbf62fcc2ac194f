import { Link } from '@tanstack/react-router'
import { Menu, Search } from 'lucide-react'
import { useState } from 'react'
import { useEnvironment } from '../api/environment.ts'
import { useMe } from '../api/session.ts'
import { paths } from '../paths.ts'
import { CommandPalette } from './CommandPalette.tsx'
import { EnvironmentToggle } from './EnvironmentToggle.tsx'
import { UserMenu } from './UserMenu.tsx'

/** Product, tenant, environment, search, and who one is. */
export function Header({
  onMenu,
  isMenuOpen,
}: {
  readonly onMenu: () => void
  readonly isMenuOpen: boolean
}) {
  const me = useMe()
  const environment = useEnvironment()
  const [isPaletteOpen, setPaletteOpen] = useState(false)
  return (
    <header className="border-b border-line bg-surface">
      <div className="flex min-h-14 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1 min-[900px]:px-4">
        <button
          type="button"
          aria-label="Navigation"
          aria-expanded={isMenuOpen}
          aria-controls="navigation"
          onClick={onMenu}
          className="inline-flex size-9 items-center justify-center rounded hover:bg-page min-[900px]:hidden"
        >
          <Menu size={18} aria-hidden />
        </button>
        <Link to={paths.overview(environment)} className="flex items-center gap-2 font-semibold">
          <img src="/favicon.svg" alt="" width={22} height={22} />
          <span className="max-[520px]:sr-only">PacSpace</span>
        </Link>
        <span
          className="max-w-[200px] truncate text-ink-soft max-[700px]:hidden"
          title={me.tenant.companyName}
        >
          {me.tenant.companyName}
        </span>
        <div className="ml-auto flex items-center gap-2">
          <EnvironmentToggle />
          <button
            type="button"
            onClick={() => setPaletteOpen(true)}
            className="inline-flex min-h-9 items-center gap-2 rounded-[8px] border border-line-strong px-2.5 text-ink-soft hover:text-ink"
          >
            <Search size={15} aria-hidden />
            <span className="max-[900px]:sr-only">Search</span>
            <kbd className="text-[12px] max-[900px]:hidden">Ctrl K</kbd>
          </button>
          <UserMenu />
        </div>
      </div>
      <CommandPalette open={isPaletteOpen} onOpenChange={setPaletteOpen} />
    </header>
  )
}
