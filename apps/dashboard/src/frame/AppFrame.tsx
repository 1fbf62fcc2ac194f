import { Outlet, useLocation } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useEnvironment } from '../api/environment.ts'
import { classes } from '../ui/classes.ts'
import { EnvironmentBanner } from './EnvironmentBanner.tsx'
import { Header } from './Header.tsx'
import { Navigation } from './Navigation.tsx'

/** What stands around every page of somebody who is logged in. Its colours say which environment one is in. */
export function AppFrame() {
  const environment = useEnvironment()
  const { pathname } = useLocation()
  const [isMenuOpen, setMenuOpen] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page closes the drawer
  useEffect(() => setMenuOpen(false), [pathname])
  return (
    <div className="flex min-h-screen flex-col" data-environment={environment}>
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:bg-surface focus:p-2"
      >
        Skip to content
      </a>
      {/* In sight wherever one scrolls: the screen says whose data it shows. On a narrow one the banner would take too much. */}
      <div className="max-[900px]:contents min-[900px]:sticky min-[900px]:top-0 min-[900px]:z-30">
        <div className="max-[900px]:sticky max-[900px]:top-0 max-[900px]:z-30">
          <div
            aria-hidden
            className={classes(
              'h-[3px]',
              environment === 'sandbox' ? 'bg-sandbox-line' : 'bg-production-line',
            )}
          />
          <Header onMenu={() => setMenuOpen((open) => !open)} isMenuOpen={isMenuOpen} />
        </div>
        <EnvironmentBanner />
      </div>
      <div className="mx-auto flex w-full max-w-[1400px] flex-1">
        <Navigation isOpen={isMenuOpen} onClose={() => setMenuOpen(false)} />
        {/* A new element for each environment: nothing of the other one is left, not even for a moment. */}
        <main
          key={environment}
          id="main"
          tabIndex={-1}
          className="min-w-0 flex-1 p-4 outline-none min-[900px]:p-6"
        >
          <Outlet />
        </main>
      </div>
    </div>
  )
}
