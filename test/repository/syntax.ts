import { type Node, SyntaxKind } from 'typescript/unstable/ast'
import type { CodeFile } from './source-files.ts'

const FUNCTIONS = new Set<SyntaxKind>([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.Constructor,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
])

/** Whether the node is a function with a body of its own. */
export function isFunction(node: Node): boolean {
  return FUNCTIONS.has(node.kind)
}

/** Calls `visit` for the node and everything below it, parents first. */
export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node)
  node.forEachChild((child) => {
    walk(child, visit)
    return undefined
  })
}

/** Text of the node without the comments before it. */
export function textOf(file: CodeFile, node: Node): string {
  return file.text.slice(node.getStart(file.syntax), node.end)
}

/** The comments and blank lines before the node. */
export function leadingComments(file: CodeFile, node: Node): string {
  return file.text.slice(node.pos, node.getStart(file.syntax))
}

/** Children of the node, in order. */
export function childrenOf(node: Node): Node[] {
  const children: Node[] = []
  node.forEachChild((child) => {
    children.push(child)
    return undefined
  })
  return children
}
