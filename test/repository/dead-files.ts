import { dirname, posix } from 'node:path'
import { importsOf, packageName } from './import-rules.ts'
import { type CodeFile, type Finding, isTest } from './source-files.ts'

/** Started by people, by Node or by a tool, never imported. */
const ENTRY_POINT =
  /(^tools\/[^/]+\.(ts|mjs)$)|(^tools\/generators\/)|(\/main\.tsx?$)|(\.config\.ts$)|(\.d\.ts$)|(^apps\/dashboard\/src\/routes\/)/

/** Packages whose files are for others to import, outside this repository too. */
const PUBLISHED = /^packages\/sdk\//

/** Every file is imported by something besides its own test, or is an entry point. */
export function deadFiles(files: readonly CodeFile[]): Finding[] {
  const used = new Set<string>()
  for (const file of files) {
    for (const target of referencesOf(file)) {
      if (!isOwnTest(file.path, target)) used.add(target)
    }
  }
  return files
    .filter(
      ({ path }) =>
        !used.has(path) && !ENTRY_POINT.test(path) && !PUBLISHED.test(path) && !isTestItself(path),
    )
    .map(({ path }) => ({
      path,
      line: 1,
      message: 'Nothing imports this file but its own test: use it or delete it; git remembers.',
    }))
}

function referencesOf(file: CodeFile): string[] {
  const imported = importsOf(file).map(({ specifier }) => resolve(file.path, specifier))
  // Workers and child processes are named by their file: new URL('./confirm-worker.ts', import.meta.url).
  const named = [...file.text.matchAll(/['"`](\.{1,2}\/[\w./-]+\.(?:ts|tsx|mjs))['"`]/g)].map(
    ([, path = '']) => resolve(file.path, path),
  )
  // Processes that another app starts, by their path from the root: 'apps/control-plane/src/admin.ts'.
  const started = [...file.text.matchAll(/['"`]((?:apps|packages)\/[\w./-]+\.ts)['"`]/g)].map(
    ([, path = '']) => path,
  )
  return [...imported, ...named, ...started]
}

const FOLDER_OF_PACKAGE: Readonly<Record<string, string>> = {
  '@pacspace-io/sdk': 'packages/sdk',
}

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return posix.join(dirname(from), specifier)
  const name = packageName(specifier)
  const folder = FOLDER_OF_PACKAGE[name] ?? name.replace('@pacspace/', 'packages/')
  return `${folder}/src${specifier.slice(name.length)}.ts`
}

function isOwnTest(path: string, target: string): boolean {
  return isTestItself(path) && path.startsWith(target.replace(/\.tsx?$/, '.'))
}

function isTestItself(path: string): boolean {
  return isTest(path) && /\.(test|spec|e2e|bench)\.tsx?$/.test(path)
}
