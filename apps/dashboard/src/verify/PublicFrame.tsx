import type { Environment } from '@pacspace/api/environment'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { paths } from '../paths.ts'
import { classes } from '../ui/classes.ts'

/** What stands around the pages on which anybody verifies something. `environment`: whose data is shown, once that is known. */
export function PublicFrame({
  title,
  about,
  environment,
  children,
}: {
  readonly title: string
  readonly about: ReactNode
  readonly environment?: Environment | undefined
  readonly children: ReactNode
}) {
  return (
    <div className="flex min-h-screen flex-col" data-environment={environment}>
      <div
        aria-hidden
        className={classes(
          'h-[3px]',
          environment === 'sandbox' && 'bg-sandbox-line',
          environment === 'production' && 'bg-production-line',
        )}
      />
      <header className="border-b border-line bg-surface">
        <div className="mx-auto flex min-h-14 w-full max-w-[1060px] flex-wrap items-center justify-between gap-3 px-4">
          <Link to="/" className="flex items-center gap-2 font-semibold">
            <img src="/favicon.svg" alt="" width={22} height={22} />
            PacSpace
          </Link>
          <nav aria-label="Verification">
            <Link to={paths.verify()} className="text-accent underline">
              Verify a file
            </Link>
          </nav>
        </div>
      </header>
      {environment === 'sandbox' && (
        <p
          role="status"
          className="border-b border-sandbox-line bg-sandbox-bg px-4 py-1.5 text-center text-[13px] text-sandbox-text"
        >
          Sandbox: this is test data. Nothing is settled by it.
        </p>
      )}
      <main className="mx-auto grid w-full max-w-[1060px] grid-cols-1 content-start gap-4 p-4 min-[700px]:py-8">
        <div>
          <h1 className="text-[20px] leading-[28px] font-semibold">{title}</h1>
          <p className="mt-1 max-w-[72ch] text-ink-soft">{about}</p>
        </div>
        {children}
      </main>
    </div>
  )
}
