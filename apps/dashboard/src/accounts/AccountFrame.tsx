import type { ReactNode } from 'react'

/** What stands around the pages of people who are not logged in. */
export function AccountFrame({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <main className="mx-auto grid min-h-screen max-w-[420px] content-center gap-6 p-4">
      <div className="flex items-center gap-2 text-[16px] font-semibold">
        <img src="/favicon.svg" alt="" width={26} height={26} />
        PacSpace
      </div>
      <div className="rounded-[8px] border border-line bg-surface p-6">
        <h1 className="mb-4 text-[20px] leading-[28px] font-semibold">{title}</h1>
        {children}
      </div>
    </main>
  )
}
