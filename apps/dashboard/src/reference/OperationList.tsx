import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useEnvironment } from '../api/environment.ts'
import { paths } from '../paths.ts'
import { TextField } from '../ui/Field.tsx'
import { findOperations } from './find-operations.ts'
import { surfaces } from './reference-data.ts'
import type { Operation } from './reference-of.ts'

/** Every route by group, cut by a search. */
export function OperationList() {
  const [search, setSearch] = useState('')
  const found = surfaces.map(({ title, operations }) => ({
    title,
    groups: findOperations(operations, search),
  }))
  const count = found
    .flatMap(({ groups }) => groups)
    .reduce((sum, { operations }) => sum + operations.length, 0)
  return (
    <div className="grid gap-4">
      <TextField
        label="Find a route"
        type="search"
        placeholder="delta, webhook, POST …"
        hint={<span aria-live="polite">{count === 1 ? '1 route' : `${count} routes`}</span>}
        value={search}
        onChange={({ target }) => setSearch(target.value)}
      />
      <nav aria-label="Routes" className="grid gap-5">
        {found.map(
          ({ title, groups }) =>
            groups.length > 0 && (
              <section key={title}>
                <h2 className="mb-2 font-semibold">{title}</h2>
                {groups.map(({ group, operations }) => (
                  <div key={group} className="mb-3">
                    <h3 className="mb-1 text-[13px] text-ink-soft">{group}</h3>
                    <ul>
                      {operations.map((operation) => (
                        <li key={operation.id}>
                          <OperationLink operation={operation} />
                        </li>
                      ))}
                    </ul>
                  </div>
                ))}
              </section>
            ),
        )}
        {count === 0 && <p className="text-ink-soft">No route has all of these words.</p>}
      </nav>
    </div>
  )
}

function OperationLink({ operation }: { readonly operation: Operation }) {
  const environment = useEnvironment()
  return (
    <Link
      to={paths.apiOperation(environment, operation.id)}
      activeProps={{ className: 'bg-surface text-ink font-medium' }}
      inactiveProps={{ className: 'text-ink-soft hover:text-ink' }}
      className="flex gap-2 rounded-[6px] px-2 py-1 text-[13px]"
    >
      <code className="numeric w-[52px] shrink-0 text-[11px] leading-[20px]">{operation.method}</code>
      <code className="numeric min-w-0 text-[12px] break-all">{shortPath(operation.path)}</code>
    </Link>
  )
}

/** Without what all of its surface have in front. */
function shortPath(path: string): string {
  return path.replace(/^\/(api\/v1|dashboard)(?=\/)/, '')
}
