import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { type Finding, lineAt, ROOT } from './source-files.ts'

interface Refusal {
  readonly pattern: RegExp
  readonly message: string
}

// Put together from pieces, so that this file does not contain what it refuses.
const REFUSED: readonly Refusal[] = [
  {
    pattern: new RegExp(`\\b${'FIX'}${'ME'}\\b`),
    message: 'Fix it now, or or name the issue or decision that will: this mark may not be merged.',
  },
  {
    pattern: new RegExp(`\\b${'TO'}${'DO'}\\b(?!\\([^)]+\\))`),
    message: 'Name its issue or decision behind the mark, (decision 0007), or nobody ever does it.',
  },
  {
    pattern: new RegExp(
      `(?<![\\w.~-])/${'(home|Users)'}/[a-z]\\w*/|(?<![\\w.~:-])/${'work'}/|(?<![\\w.~:-])/${'root'}/`,
    ),
    message: 'A path of one machine: take it from the environment, the arguments, or import.meta.dirname.',
  },
  {
    pattern: new RegExp(`${'registry'}\\.(npmjs|yarnpkg|npmmirror)\\.|"${'resolved'}": "https?:`),
    message:
      'A registry host: the lockfile leaves them out (omit-lockfile-registry-resolved), so that any mirror serves.',
  },
]

const TEXT = new Set([
  '.ts',
  '.tsx',
  '.mjs',
  '.js',
  '.sql',
  '.json',
  '.md',
  '.html',
  '.css',
  '.yml',
  '.yaml',
  '.sh',
  '',
])
const TEXT_BYTES_MAX = 2 ** 20

/** Marks, paths and hosts that do not belong into a committed text. */
export function refusedTexts(paths: readonly string[]): Finding[] {
  return paths
    .filter((path) => TEXT.has(extname(path)) && !path.includes('/testdata/'))
    .flatMap((path) => refusedIn(path, readFileSync(join(ROOT, path), 'utf8')))
}

/** The first of each refused thing in one text. */
export function refusedIn(path: string, text: string): Finding[] {
  if (text.length > TEXT_BYTES_MAX && !path.endsWith('package-lock.json')) return []
  return REFUSED.flatMap(({ pattern, message }) => {
    const at = text.search(pattern)
    return at === -1 ? [] : [{ path, line: lineAt(text, at), message }]
  })
}
