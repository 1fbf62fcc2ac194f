import { type Node, SyntaxKind } from 'typescript/unstable/ast'
import { type CodeFile, type Finding, isTest, lineAt } from './source-files.ts'
import { childrenOf, isFunction, leadingComments, textOf } from './syntax.ts'

/**
 * Every exported function, endpoint handler and class starts with a docstring, and so does everything a `*.sql.ts`
 * exports. React components are told by their name and props.
 */
export function docstrings(files: readonly CodeFile[]): Finding[] {
  return files
    .filter((file) => !isTest(file.path) && !file.path.endsWith('.tsx'))
    .flatMap((file) =>
      childrenOf(file.syntax).flatMap((statement) => {
        const what = needsDocstring(file, statement)
        if (what === undefined || leadingComments(file, statement).includes('/**')) return []
        return [
          {
            path: file.path,
            line: lineAt(file.text, statement.getStart(file.syntax)),
            message: advice(what),
          },
        ]
      }),
    )
}

function advice(what: string): string {
  return (
    `${what} is exported without a docstring: say what it gives, and what a caller can get wrong ` +
    '(units, shapes, locks, what is durable, which problems it raises, the source of the rule).'
  )
}

/** What a statement exports that must be explained, or undefined. */
function needsDocstring(file: CodeFile, statement: Node): string | undefined {
  if (!/^export\b/.test(textOf(file, statement))) return undefined
  const name = /(?:function\*?|class|const)\s+(\w+)/.exec(textOf(file, statement))?.[1] ?? 'This'
  if (statement.kind === SyntaxKind.FunctionDeclaration)
    return followsOverload(file, statement) ? undefined : name
  if (statement.kind === SyntaxKind.ClassDeclaration) return name
  if (statement.kind !== SyntaxKind.VariableStatement) return undefined
  if (file.path.endsWith('.sql.ts')) return name
  return initializersOf(statement).some(isFunctionOrTakesOne) ? name : undefined
}

/** The first of several overloads carries the docstring for all. */
function followsOverload(file: CodeFile, statement: Node): boolean {
  const siblings = childrenOf(file.syntax)
  const before = siblings[siblings.findIndex((sibling) => sibling.pos === statement.pos) - 1]
  return before?.kind === SyntaxKind.FunctionDeclaration && nameOf(file, before) === nameOf(file, statement)
}

function nameOf(file: CodeFile, declaration: Node): string | undefined {
  const name = childrenOf(declaration).find((child) => child.kind === SyntaxKind.Identifier)
  return name && textOf(file, name)
}

function initializersOf(statement: Node): Node[] {
  const list = childrenOf(statement).find((child) => child.kind === SyntaxKind.VariableDeclarationList)
  return list ? childrenOf(list).flatMap((declaration) => childrenOf(declaration).slice(1)) : []
}

function isFunctionOrTakesOne(node: Node): boolean {
  return isFunction(node) || (node.kind === SyntaxKind.CallExpression && childrenOf(node).some(isFunction))
}
