import { dirname, posix } from 'node:path'
import { type Node, SyntaxKind } from 'typescript/unstable/ast'
import { type CodeFile, type Finding, isTest, lineAt } from './source-files.ts'
import { childrenOf, textOf, walk } from './syntax.ts'

/** One `import`, `export … from` or `import('…')` with a literal. */
export interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
  readonly line: number
}

/** What our packages are called when imported. */
const PACKAGE_FOLDERS: Readonly<Record<string, string>> = {
  '@pacspace/api': 'packages/api',
  '@pacspace/proofs': 'packages/proofs',
  '@pacspace/service': 'packages/service',
  '@pacspace-io/sdk': 'packages/sdk',
  '@pacspace/testing': 'packages/testing',
  '@pacspace/control-plane': 'apps/control-plane',
  '@pacspace/data-plane': 'apps/data-plane',
  '@pacspace/gateway': 'apps/gateway',
  '@pacspace/cli': 'apps/cli',
  '@pacspace/dashboard': 'apps/dashboard',
}

/** The table of what may import what; tests of services and apps may also use packages/testing. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'packages/api': [],
  'packages/proofs': [],
  'packages/service': ['packages/api'],
  'packages/sdk': ['packages/api', 'packages/proofs'],
  'packages/testing': ['packages/api', 'packages/proofs', 'packages/service', 'packages/sdk'],
  'apps/control-plane': ['packages/api', 'packages/service'],
  'apps/data-plane': ['packages/api', 'packages/proofs', 'packages/service'],
  'apps/gateway': ['packages/api', 'packages/service'],
  'apps/cli': ['packages/api', 'packages/proofs', 'packages/service', 'packages/sdk'],
  'apps/dashboard': ['packages/api', 'packages/proofs'],
}

/** One folder's addition to the table, each with the page that argues for it. */
const FOLDER_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  // docs/decisions/0045: the activity log is a log like any other, and hashing lives in one package.
  'apps/control-plane/src/audit/': ['packages/proofs'],
}

/** Apps whose folders are capabilities with a front door; in the dashboard two folders are open to all pages. */
const CAPABILITY_APPS = ['apps/control-plane', 'apps/data-plane']
const DASHBOARD_OPEN_FOLDERS = ['ui', 'api']

/** Packages that run in browsers and Workers: they reach for nothing that only Node has. */
const PORTABLE = ['packages/proofs', 'packages/sdk', 'packages/api', 'apps/dashboard']

/** Imports between packages, apps and capabilities follow the table above. */
export function importTable(files: readonly CodeFile[]): Finding[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap((imported) => {
      const message = refusal(file.path, imported)
      return message ? [{ path: file.path, line: imported.line, message }] : []
    }),
  )
}

/** Every import of a file, static and dynamic. */
export function importsOf(file: CodeFile): Import[] {
  const imports: Import[] = []
  walk(file.syntax, (node) => {
    const specifier = specifierOf(file, node)
    if (specifier === undefined) return
    const typeOnly = /^(import|export)\s+type\b/.test(textOf(file, node))
    imports.push({ specifier, typeOnly, line: lineAt(file.text, node.getStart(file.syntax)) })
  })
  return imports
}

/** Folder of the package or app a path belongs to (`apps/data-plane`), or undefined at the root. */
export function workspaceOf(path: string): string | undefined {
  return /^(packages|apps)\/[^/]+/.exec(path)?.[0]
}

/** The package a specifier names: `@pacspace/api/amount` gives `@pacspace/api`. */
export function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function refusal(path: string, { specifier, typeOnly }: Import): string | undefined {
  const from = workspaceOf(path)
  if (!from) return undefined
  if (specifier.startsWith('.')) return relativeRefusal(path, from, specifier)
  // A tool's configuration is run by Node, whatever it builds for.
  const isPortable = PORTABLE.includes(from) && !isTest(path) && !path.endsWith('.config.ts')
  if (specifier.startsWith('node:') && isPortable) {
    return `${from} runs in browsers and Workers too, where ${specifier} is missing: take what you need as an argument.`
  }
  const to = PACKAGE_FOLDERS[packageName(specifier)]
  if (!to || to === from) return undefined
  if (to === 'packages/testing' && isTest(path)) return undefined
  if (to.startsWith('apps/')) {
    return `Apps never import each other: call ${to} over HTTP, through an endpoint definition in packages/api.`
  }
  if (!MAY_IMPORT[from]?.includes(to) && !mayFolderImport(path, to)) {
    const allowed = MAY_IMPORT[from]?.join(', ') || 'no other package'
    return `${from} may import ${allowed}, not ${to}: move what both need to where both may look.`
  }
  if (from === 'packages/sdk' && to === 'packages/api' && !typeOnly && !isTest(path)) {
    return 'The SDK takes types only from packages/api (import type): it is published without it.'
  }
  return undefined
}

function mayFolderImport(path: string, to: string): boolean {
  return Object.entries(FOLDER_MAY_IMPORT).some(
    ([folder, allowed]) => path.startsWith(folder) && allowed.includes(to),
  )
}

function relativeRefusal(path: string, from: string, specifier: string): string | undefined {
  const target = posix.join(dirname(path), specifier)
  const to = workspaceOf(target)
  if (to !== from) {
    return `${specifier} leaves ${from}: import another package by its name, with what its package.json allows.`
  }
  const [own, other] = [capabilityOf(path), capabilityOf(target)]
  if (other === undefined || own === other || isTest(path)) return undefined
  if (CAPABILITY_APPS.includes(from) && own !== undefined && posix.basename(target) !== 'front-door.ts') {
    return (
      `${own}/ reaches into ${other}/: a statement and its rule live in one capability. Export what ` +
      `${own}/ needs from ${other}/front-door.ts and import that (files directly in src/ may wire everything).`
    )
  }
  if (from === 'apps/dashboard' && own !== undefined && !DASHBOARD_OPEN_FOLDERS.includes(other)) {
    return `${own}/ reaches into ${other}/: share components through ui/ and calls through api/.`
  }
  return undefined
}

/** The capability folder of a file in an app: `ledger` of `apps/data-plane/src/ledger/append.ts`. */
function capabilityOf(path: string): string | undefined {
  return /^apps\/[^/]+\/src\/([^/]+)\//.exec(path)?.[1]
}

function specifierOf(file: CodeFile, node: Node): string | undefined {
  const isStatic = node.kind === SyntaxKind.ImportDeclaration || node.kind === SyntaxKind.ExportDeclaration
  if (!isStatic && node.kind !== SyntaxKind.CallExpression) return undefined
  const children = childrenOf(node)
  if (!isStatic && children[0]?.kind !== SyntaxKind.ImportKeyword) return undefined
  const literal = children.find((child) => child.kind === SyntaxKind.StringLiteral)
  return literal && textOf(file, literal).slice(1, -1)
}
