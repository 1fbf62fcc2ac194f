import { type Node, SyntaxKind } from 'typescript/unstable/ast'
import { type CodeFile, type Finding, isTest, lineAt } from './source-files.ts'
import { isFunction, walk } from './syntax.ts'

const FILE_LINES_MAX = 600
const FUNCTION_LINES_MAX = 70
/** A page's body is mostly markup. */
const COMPONENT_LINES_MAX = 150

/**
 * Files that are longer than the limit, with the lines they may have. The list only shrinks: a number that is
 * higher than needed fails, and nothing is added; split the file instead.
 */
export const LONG_FILES: Readonly<Record<string, number>> = {}

/** No file beyond 600 lines, except the listed ones, which may not grow. */
export function fileLength(files: readonly CodeFile[], listed = LONG_FILES): Finding[] {
  const lengths = new Map(files.map((file) => [file.path, lineAt(file.text, file.text.trimEnd().length)]))
  const tooLong = [...lengths].flatMap(([path, lines]) => {
    const max = listed[path] ?? FILE_LINES_MAX
    return lines > max
      ? [{ path, line: max, message: `${lines} lines, at most ${max}: look for a seam and split it.` }]
      : []
  })
  const slack = Object.entries(listed).flatMap(([path, max]) => {
    const lines = lengths.get(path) ?? 0
    if (lines === max) return []
    const instead = lines > FILE_LINES_MAX ? `lower it to ${lines}` : 'take it off the list'
    return lines < max
      ? [{ path, line: 1, message: `is listed with ${max} lines and has ${lines}: ${instead}.` }]
      : []
  })
  return [...tooLong, ...slack]
}

/** No function beyond 70 lines (150 in a component file); what groups tests does not count. */
export function functionLength(files: readonly CodeFile[]): Finding[] {
  return files.flatMap((file) => {
    const max = file.path.endsWith('.tsx') ? COMPONENT_LINES_MAX : FUNCTION_LINES_MAX
    const findings: Finding[] = []
    walk(file.syntax, (node) => {
      if (!isFunction(node) || (isTest(file.path) && groupsTests(file, node))) return
      const line = lineAt(file.text, node.getStart(file.syntax))
      const lines = lineAt(file.text, node.end) - line + 1
      if (lines > max) {
        const message = `this function has ${lines} lines, at most ${max}: what fits on a screen can be checked by eye.`
        findings.push({ path: file.path, line, message })
      }
    })
    return findings
  })
}

/** The body of a `describe` is a list of tests; each of them counts by itself. */
function groupsTests(file: CodeFile, node: Node): boolean {
  const call = node.parent
  if (call.kind !== SyntaxKind.CallExpression) return false
  return /^(describe|suite)\b/.test(file.text.slice(call.getStart(file.syntax), call.end))
}
