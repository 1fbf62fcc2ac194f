import { type Node, SyntaxKind } from 'typescript/unstable/ast'
import { type CodeFile, type Finding, isTest, lineAt } from './source-files.ts'
import { childrenOf, textOf, walk } from './syntax.ts'

/** Code of a capability: what decides. Files directly in `src/` (main, wiring, clock) stand outside. */
const DOMAIN = /^apps\/(control-plane|data-plane)\/src\/[^/]+\//

const TIME = /^(Date\.now|new Date|process\.hrtime(\.bigint)?|Temporal\.Now\.\w+)$/
const RANDOMNESS = /^(Math\.random|(\w+\.)?crypto\.(random\w+|getRandomValues))$/
const IMPORTED_RANDOMNESS = /\b(random(Bytes|Fill|FillSync|Int|UUID|UUIDv7)|getRandomValues|webcrypto)\b/

/**
 * Time, ids and randomness reach domain code as arguments, so that a run can be replayed from a seed. Measuring
 * how long something took (performance.now) is no fact of the domain.
 */
export function timeAndRandomness(files: readonly CodeFile[]): Finding[] {
  return inDomain(files, (file, node) => {
    if (node.kind === SyntaxKind.ImportDeclaration) return importedRandomness(textOf(file, node))
    const callee = calledName(file, node)
    if (callee === undefined) return undefined
    if (TIME.test(callee)) {
      return `${callee} in domain code: take \`clock\` as an argument, so that a test can set the time.`
    }
    return RANDOMNESS.test(callee) ? randomnessAdvice(callee) : undefined
  })
}

function importedRandomness(text: string): string | undefined {
  const name = IMPORTED_RANDOMNESS.exec(text)?.[0]
  const isValue = name !== undefined && !text.startsWith('import type')
  return isValue ? randomnessAdvice(name) : undefined
}

function randomnessAdvice(name: string): string {
  return `${name} in domain code: take the source of randomness as an argument, so that a run has a seed.`
}

const STATEMENT =
  /^\s*(select|insert\s+into|update|delete\s+from|truncate|lock\s+table|with\s+(recursive\s+)?\w+\s+as)\s/i
const STATEMENT_WORDS = /\b(from|into|set|values|returning|where)\b/i

/** SQL is written whole, in `<capability>.sql.ts`. */
export function sqlInItsFiles(files: readonly CodeFile[]): Finding[] {
  const others = files.filter((file) => !file.path.endsWith('.sql.ts'))
  return inDomain(others, (file, node) => {
    const isText = node.kind === SyntaxKind.StringLiteral || isTemplate(node)
    if (!isText) return undefined
    const text = textOf(file, node).slice(1)
    if (!STATEMENT.test(text) || !STATEMENT_WORDS.test(text)) return undefined
    return 'SQL outside a *.sql.ts: give the statement a function of its own there, with a docstring about its locks and index.'
  })
}

const STATEMENT_NAME = /\bname: '([a-z0-9_]+)'/g

/** A connection knows a statement by its name: a second one of the same name fails on whichever connection saw the first. */
export function statementNames(files: readonly CodeFile[]): Finding[] {
  const findings: Finding[] = []
  const first = new Map<string, string>()
  const statements = files.filter((file) => file.path.endsWith('.sql.ts'))
  for (const { path, text } of statements.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const [, app = ''] = path.split('/')
    for (const { 1: name = '', index } of text.matchAll(STATEMENT_NAME)) {
      const other = first.get(`${app} ${name}`)
      if (other === undefined) first.set(`${app} ${name}`, path)
      else {
        const message = `The statement ${name} is in ${other} already, and a connection keeps one text for a name: choose another name.`
        findings.push({ path, line: lineAt(text, index), message })
      }
    }
  }
  return findings
}

function inDomain(
  files: readonly CodeFile[],
  refuse: (file: CodeFile, node: Node) => string | undefined,
): Finding[] {
  const findings: Finding[] = []
  for (const file of files.filter((file) => DOMAIN.test(file.path) && !isTest(file.path))) {
    walk(file.syntax, (node) => {
      const message = refuse(file, node)
      if (message)
        findings.push({ path: file.path, line: lineAt(file.text, node.getStart(file.syntax)), message })
    })
  }
  return findings
}

/** `Date.now` for `Date.now()`, `new Date` for `new Date()` without arguments. */
function calledName(file: CodeFile, node: Node): string | undefined {
  const callee = childrenOf(node)[0]
  if (!callee) return undefined
  if (node.kind === SyntaxKind.NewExpression) {
    const isNow = textOf(file, callee) === 'Date' && childrenOf(node).length === 1
    return isNow ? 'new Date' : undefined
  }
  return node.kind === SyntaxKind.CallExpression ? textOf(file, callee) : undefined
}

function isTemplate(node: Node): boolean {
  return node.kind === SyntaxKind.NoSubstitutionTemplateLiteral || node.kind === SyntaxKind.TemplateExpression
}
