import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, extname, join, relative, sep } from 'node:path'
import type { SourceFile } from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/sync'

export const ROOT = dirname(dirname(import.meta.dirname))

/** A TypeScript or JavaScript file of the repository, parsed. */
export interface CodeFile {
  /** from the root, with forward slashes */
  readonly path: string
  readonly text: string
  readonly syntax: SourceFile
}

/** Something the rules refuse, told so that the reader knows what to do instead. */
export interface Finding {
  readonly path: string
  /** counts from 1 */
  readonly line: number
  /** what is wrong, why it is refused, what to write instead */
  readonly message: string
}

/** A rule over the whole repository: some need to see more than one file. */
export type Rule = (files: readonly CodeFile[]) => Finding[]

const CODE = new Set(['.ts', '.tsx', '.mjs'])

/** Paths of all files git tracks or would track, from the root, in order. */
export function repositoryPaths(): string[] {
  // A checkout owned by another user (a container's volume) is still the checkout to look at.
  const git = [
    '-c',
    'safe.directory=*',
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
    '--deduplicate',
  ]
  const listed = execFileSync('git', git, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26 })
  const deleted = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', '-z', '--deleted'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  const gone = new Set(deleted.split('\0'))
  return listed
    .split('\0')
    .filter((path) => path !== '' && !gone.has(path))
    .sort()
}

/** Gives every code file of the repository, parsed. About half a second for a hundred files. */
export function loadCode(): CodeFile[] {
  const paths = repositoryPaths().filter((path) => CODE.has(extname(path)) && !path.includes('/testdata/'))
  return parseCode(Object.fromEntries(paths.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')])))
}

/**
 * Parses texts by path with TypeScript's own parser, as one program without libraries or resolution: syntax is all
 * that the rules look at.
 */
export function parseCode(texts: Readonly<Record<string, string>>): CodeFile[] {
  const project = join(ROOT, 'tidy.virtual', 'tsconfig.json')
  const absolute = new Map(Object.entries(texts).map(([path, text]) => [join(ROOT, path), text]))
  const config = JSON.stringify({
    compilerOptions: { noLib: true, noResolve: true, types: [], allowJs: true, jsx: 'preserve' },
    files: [...absolute.keys()],
  })
  const isOurFolder = (path: string) => path === dirname(project) || path.startsWith(ROOT)
  const api = new API({
    cwd: ROOT,
    fs: {
      readFile: (path) => (path === project ? config : (absolute.get(path) ?? null)),
      fileExists: (path) => path === project || absolute.has(path),
      directoryExists: isOurFolder,
      getAccessibleEntries: () => ({ files: [], directories: [] }),
      realpath: (path) => path,
    },
  })
  try {
    const program = api.updateSnapshot({ openProjects: [project] }).getProjects()[0]?.program
    return [...absolute].map(([path, text]) => {
      const syntax = program?.getSourceFile(path)
      if (!syntax) throw new Error(`TypeScript did not parse ${path}`)
      return { path: relative(ROOT, path).split(sep).join('/'), text, syntax }
    })
  } finally {
    api.close()
  }
}

/** The line a position of the text stands on, from 1. */
export function lineAt(text: string, position: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) line++
  return line
}

/** Whether the file is a test, or supports tests only (packages/testing, and folders called testing). */
export function isTest(path: string): boolean {
  return /\.(test|spec|e2e|bench)\.tsx?$/.test(path) || /^test\/|(^|\/)testing\//.test(path)
}
