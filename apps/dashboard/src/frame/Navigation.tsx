import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useEnvironment } from '../api/environment.ts'
import { classes } from '../ui/classes.ts'
import { sectionGroups } from './sections.ts'

/** The sections. Under 900 px a drawer, which Escape closes. */
export function Navigation({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const environment = useEnvironment()
  const first = useRef<HTMLElement>(null)
  useEffect(() => {
    if (isOpen) first.current?.querySelector('a')?.focus()
  }, [isOpen])
  return (
    <nav
      ref={first}
      id="navigation"
      aria-label="Sections"
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
      className={classes(
        'w-[216px] shrink-0 border-r border-line bg-surface p-3',
        'max-[900px]:fixed max-[900px]:inset-y-0 max-[900px]:left-0 max-[900px]:z-40 max-[900px]:overflow-y-auto max-[900px]:shadow-float',
        isOpen ? 'block' : 'max-[900px]:hidden',
      )}
    >
      {sectionGroups.map((group) => (
        <ul key={group[0]?.title} className="mb-3 border-b border-line pb-3 last:border-0">
          {group.map(({ title, icon: Icon, path }) => (
            <li key={title}>
              <Link
                to={path(environment)}
                activeOptions={{ exact: title === 'Overview' }}
                activeProps={{ className: 'bg-page text-ink font-medium' }}
                inactiveProps={{ className: 'text-ink-soft hover:text-ink' }}
                className="flex min-h-9 items-center gap-2.5 rounded-[8px] px-2.5"
              >
                <Icon size={16} aria-hidden />
                {title}
              </Link>
            </li>
          ))}
        </ul>
      ))}
    </nav>
  )
}
