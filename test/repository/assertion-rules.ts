import { type Node, SyntaxKind } from 'typescript/unstable/ast'
import { type CodeFile, type Finding, isTest, lineAt } from './source-files.ts'
import { childrenOf, isFunction, leadingComments, textOf, walk } from './syntax.ts'

/**
 * `!` and `as` switch the type checker off for an expression, so each carries its reason: a comment on the same
 * line, above its statement, earlier in the same function, or the docstring of the small function it stands in.
 *
 * Free of it are tests (a wrong one fails the test), `as const`, an empty array's type, and `as Brand` in the file
 * that declares the brand: that file is the parser that just checked.
 */
export function reasonsForAssertions(files: readonly CodeFile[]): Finding[] {
  return files
    .filter((file) => !isTest(file.path) && !file.path.endsWith('.mjs'))
    .flatMap((file) => {
      const declared = declaredTypes(file)
      const findings: Finding[] = []
      walk(file.syntax, (node) => {
        const kind = assertionKind(file, node, declared)
        if (kind === undefined || hasReason(file, node)) return
        const message = `"${kind}" without its reason beside it: narrow with a check, or say in a comment why it cannot fail.`
        findings.push({ path: file.path, line: lineAt(file.text, node.end), message })
      })
      return findings
    })
}

function assertionKind(file: CodeFile, node: Node, declared: ReadonlySet<string>): '!' | 'as' | undefined {
  if (node.kind === SyntaxKind.NonNullExpression) return '!'
  if (node.kind !== SyntaxKind.AsExpression && node.kind !== SyntaxKind.TypeAssertionExpression)
    return undefined
  const [expression, type] = childrenOf(node)
  if (!expression || !type || textOf(file, expression) === '[]') return undefined
  const text = textOf(file, type)
  const name = /^\w+/.exec(text)?.[0] ?? ''
  return text === 'const' || declared.has(name) ? undefined : 'as'
}

/** Names of the types a file declares itself. */
function declaredTypes(file: CodeFile): Set<string> {
  const names = new Set<string>()
  walk(file.syntax, (node) => {
    if (node.kind !== SyntaxKind.TypeAliasDeclaration && node.kind !== SyntaxKind.InterfaceDeclaration) return
    const name = childrenOf(node).find((child) => child.kind === SyntaxKind.Identifier)
    if (name) names.add(textOf(file, name))
  })
  return names
}

const SMALL_FUNCTION_LINES_MAX = 6

function hasReason(file: CodeFile, node: Node): boolean {
  const endOfLine = file.text.indexOf('\n', node.end)
  if (hasComment(file.text.slice(node.end, endOfLine))) return true
  for (let at = node; at.kind !== SyntaxKind.SourceFile; at = at.parent) {
    if (isFunction(at) && linesOf(file, at) > SMALL_FUNCTION_LINES_MAX) {
      return hasComment(file.text.slice(at.getStart(file.syntax), node.getStart(file.syntax)))
    }
    // Of a small function, what stands above it belongs to every line in it.
    if (hasComment(leadingComments(file, at))) return true
  }
  return false
}

function linesOf(file: CodeFile, node: Node): number {
  return lineAt(file.text, node.end) - lineAt(file.text, node.getStart(file.syntax)) + 1
}

function hasComment(text: string): boolean {
  return /\/\/|\/\*/.test(text)
}
