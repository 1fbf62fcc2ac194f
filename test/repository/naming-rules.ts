import { posix } from 'node:path'
import type { Finding } from './source-files.ts'

/** Refused as any word of a name, and as a whole name (`postgres-types.ts` may parse PostgreSQL's types). */
const DRAWER_WORDS = ['util', 'utils', 'utility', 'utilities', 'helper', 'helpers', 'misc', 'manager']
const DRAWER_NAMES = ['common', 'shared', 'types', 'lib']
const KEBAB_NAME = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/
const COMPONENT_NAME = /^[A-Z][A-Za-z0-9]*(\.[a-z0-9-]+)*\.tsx$/
/** Route files of the dashboard carry the router's own marks: `$customerId.tsx`, `_auth.tsx`, `__root.tsx`. */
const ROUTE_NAME = /^[$_a-z][A-Za-z0-9$_.-]*\.tsx$/
const MIGRATION_NAME = /^\d{4}_[a-z0-9]+(_[a-z0-9]+)*\.sql$/
const SOURCE_FOLDER = /^(packages|apps|tools|test)\//

/** Names of files and folders say what they know, in one spelling. */
export function fileNames(paths: readonly string[]): Finding[] {
  return paths
    .filter((path) => SOURCE_FOLDER.test(path))
    .flatMap((path) => {
      const message = nameRefusal(path)
      return message ? [{ path, line: 1, message }] : []
    })
}

function nameRefusal(path: string): string | undefined {
  const name = posix.basename(path)
  const drawer = path.split('/').map(drawerIn).find(Boolean)
  if (drawer !== undefined) {
    return `"${drawer}" names a drawer, and drawers fill up: name the file by what it knows (amount.ts, retry-schedule.ts).`
  }
  if (/^index\.(ts|tsx|mjs)$/.test(name)) {
    return 'Barrels hide where things live and load more than is used: import the file itself.'
  }
  if (path.includes('/migrations/') && !MIGRATION_NAME.test(name)) {
    return 'Migrations are NNNN_<capability>_<what>.sql: their order is their name.'
  }
  if (/\.(ts|mjs)$/.test(name) && !KEBAB_NAME.test(name)) {
    return 'Files are kebab-case (emit-delta.ts), so that no two differ in case only.'
  }
  if (
    name.endsWith('.tsx') &&
    !COMPONENT_NAME.test(name) &&
    !ROUTE_NAME.test(name) &&
    !KEBAB_NAME.test(name)
  ) {
    return 'A component file is named like its component (CustomerPage.tsx), or kebab-case.'
  }
  return undefined
}

function drawerIn(part: string): string | undefined {
  const [base = '', ...rest] = part.split('.')
  if (DRAWER_NAMES.includes(base)) return base
  return [base, ...rest].flatMap((piece) => piece.split('-')).find((word) => DRAWER_WORDS.includes(word))
}
